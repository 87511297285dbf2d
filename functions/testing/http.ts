import { once } from "node:events";
import { connect } from "node:net";
import type { Priority } from "../../core/resilience/priorities.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import type { Endpoint } from "../http/described-endpoints.ts";
import { ENDPOINTS } from "../http/endpoints.ts";
import type { Route } from "../http/route.ts";
import { createRouter } from "../http/router.ts";
import { type RunningServer, type ServerOptions, serve } from "../http/server.ts";
import type { HttpHandler } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import type { Method } from "../routes.ts";
import { testShop } from "./test-shop.ts";

/** Serves endpoints on a free port, with the test file's shop. */
export const startServer = (
  endpoints: readonly Endpoint[] = ENDPOINTS,
  options: ServerOptions = {},
  openShop = testShop,
): RunningServer => {
  process.env.PORT = "0";
  const shop = openShop();
  const server = serve(createRouter(endpoints, shop), shop, options);
  endWithTests(() => server.drain(0));
  return server;
};

/** A route that is not in the table. */
export const testRoute = (method: Method, path: string, priority: Priority = "operations"): Route => ({
  key: `${method} ${path}`,
  method,
  path,
  priority,
  role: "anyone",
  summary: "A test's own",
  tag: "Operations",
  responses: {},
});

/** A route with a bare handler, which shows the event or gives whatever result a test wants. */
export const bareEndpoint = (
  method: Method,
  path: string,
  handler: HttpHandler = async (event) => jsonResult(200, event),
  priority?: Priority,
): Endpoint => ({
  route: testRoute(method, path, priority),
  handler: Object.assign(handler, { withShop: () => handler }),
});

/** A TCP connection, to say what HTTP clients refuse to say and see what they hide. */
export const openSocket = async (url: string) => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = "";
  let isClosed = false;
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    isClosed = true;
  });
  await once(socket, "connect");
  return {
    write: (data: string | Uint8Array) => void socket.write(data),
    /** Takes nothing more from the server. */
    pause: () => void socket.pause(),
    close: () => void socket.destroy(),
    received: () => received,
    isClosed: () => isClosed,
    /** Everything the server said until it closed the connection. */
    rest: async (): Promise<string> => {
      if (!isClosed) await once(socket, "close");
      return received;
    },
  };
};

/** Sends one request as it is, asking for the connection to be closed, and gives the whole answer. */
export const rawRequest = async (url: string, requestLine: string, ...headers: string[]): Promise<string> => {
  const socket = await openSocket(url);
  socket.write([requestLine, ...headers, "Connection: close", "", ""].join("\r\n"));
  return socket.rest();
};
