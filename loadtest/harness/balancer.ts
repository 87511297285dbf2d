import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { endWithTests } from "./end-with-tests.ts";

const CHECK_EVERY_MS = 50;
const CHECK_TIMEOUT_MS = 10_000;

export interface Balancer {
  readonly url: string;
  /** Where the processes are. One gets requests once its health check has succeeded, and until it fails. */
  readonly setTargets: (urls: readonly string[]) => void;
  readonly healthy: () => readonly string[];
}

/**
 * A load balancer with health checks, in turn over what is healthy. It never sends a request a second time,
 * so that whatever a process fails to answer shows.
 */
export const openBalancer = async (): Promise<Balancer> => {
  let targets: readonly string[] = [];
  const healthy = new Set<string>();
  const agent = new Agent({ keepAlive: true });
  let turn = 0;

  const check = async (url: string): Promise<void> => {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) }).catch(
      () => undefined,
    );
    if (answer?.ok && targets.includes(url)) healthy.add(url);
    else healthy.delete(url);
  };
  const checking = setInterval(() => void Promise.all(targets.map(check)), CHECK_EVERY_MS);

  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const choice = [...healthy];
    const target = choice[turn++ % choice.length];
    if (!target) return void outgoing.writeHead(502).end("nobody is healthy");
    const { method, headers, url } = incoming;
    const forwarded = request(target + url, { method, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.once("error", (error) => outgoing.writeHead(502).end(String(error)));
    incoming.pipe(forwarded);
  };

  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endWithTests(async () => {
    clearInterval(checking);
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setTargets: (urls) => {
      targets = urls;
      for (const url of healthy) if (!urls.includes(url)) healthy.delete(url);
    },
    healthy: () => [...healthy],
  };
};
