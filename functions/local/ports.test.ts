import { afterEach, expect, test } from "vitest";
import { checkPort, freePort } from "./ports.ts";

const host = "127.0.0.1";
const servers: ReturnType<typeof Bun.serve>[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
});

test.each([true, false])("a port is taken by a server that shares it: %s", async (reusePort) => {
  const port = await freePort();
  await checkPort({ port, host });
  servers.push(Bun.serve({ port, hostname: host, reusePort, fetch: () => new Response() }));
  await expect(checkPort({ port, host })).rejects.toThrow(/EADDRINUSE|in use/);
});

test("port 0 is always free", () => checkPort({ port: 0, host }));
