/**
 * The least that an answer can cost on this runtime: bare `Bun.serve` with an answer that is ready, and a request
 * id of its own each time. The answer comes as JSON in the first argument; prints the port.
 */
const { status, headers, body } = JSON.parse(process.argv[2] ?? "{}") as {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  development: false,
  fetch: () => new Response(body, { status, headers: { ...headers, "x-request-id": crypto.randomUUID() } }),
});
console.log(`PORT ${server.port}`);
