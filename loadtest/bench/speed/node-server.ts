/**
 * The shop's own handlers behind `node:http` in place of `Bun.serve`: what the server itself costs. Works on the
 * DynamoDB and Redis that the environment names; prints the port.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { openShop } from "../../../core/open-shop.ts";
import { ENDPOINTS } from "../../../functions/http/endpoints.ts";
import { targetOf } from "../../../functions/http/request-target.ts";
import { createRouter } from "../../../functions/http/router.ts";

const router = createRouter(ENDPOINTS, openShop());

const readBody = async (incoming: IncomingMessage): Promise<Uint8Array> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
  const { method = "GET", url = "/", socket } = incoming;
  const requestId = randomUUID();
  const { statusCode, headers, body } = await router.answer({
    ...targetOf(url),
    method,
    headers: incoming.headers as Record<string, string>,
    readBody: method === "GET" ? undefined : () => readBody(incoming),
    sourceIp: () => socket.remoteAddress ?? "",
    requestId,
    arrivedAt: performance.now(),
  });
  outgoing
    .writeHead(statusCode, { ...(headers as Record<string, string>), "x-request-id": requestId })
    .end(body);
};

const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
server.listen(0, "127.0.0.1", () => console.log(`PORT ${(server.address() as AddressInfo).port}`));
