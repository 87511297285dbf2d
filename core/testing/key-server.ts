import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A server of an issuer's keys, which answers whatever a test says. */
export const startKeyServer = async (content: unknown) => {
  const state = { text: JSON.stringify(content), status: 200, requests: 0 };
  const server = createServer((_, response) => {
    state.requests += 1;
    response.writeHead(state.status).end(state.text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { url: new URL(`http://127.0.0.1:${port}/jwks`) });
};
