/**
 * The shop's own handlers behind `node:http` in place of `Bun.serve`: what the server itself costs. Works on the
 * DynamoDB and Redis that the environment names; prints the port.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { theShop } from "../../../core/shop.ts";
import { createRouter } from "../../../functions/router/router.ts";
import { ROUTES } from "../../../functions/router/routes.ts";
import { targetOf } from "../../../functions/router/target.ts";

const route = createRouter(ROUTES, theShop());

const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
  const { statusCode, headers, body } = await route({
    ...targetOf(incoming.url ?? "/"),
    method: incoming.method ?? "GET",
    headers: new Headers(incoming.headers as Record<string, string>),
    sourceIp: incoming.socket.remoteAddress ?? "",
  });
  outgoing.writeHead(statusCode, headers as Record<string, string>).end(body);
};

const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
server.listen(0, "127.0.0.1", () => console.log(`PORT ${(server.address() as AddressInfo).port}`));
