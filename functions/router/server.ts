import type { Server } from "bun";
import type { Shop } from "../../core/shop.ts";
import { RequestError } from "../middleware/request-error.ts";
import { lifecycle } from "../operations/lifecycle.ts";
import { readBody } from "./body.ts";
import type { HttpRequest } from "./event.ts";
import type { Gate } from "./gate.ts";
import { responseOf } from "./response.ts";
import type { Router } from "./router.ts";
import type { StaticAnswers } from "./static-answers.ts";
import { targetOf } from "./target.ts";

/** Above the 60 s after which a load balancer drops an idle connection: the side that sends must not close first. */
const IDLE_TIMEOUT_SECONDS = 75;

/** Asked by load balancers, so it goes on answering while everything else is refused. */
const HEALTH_PATH = "/health";

export interface RunningServer {
  readonly url: string;
  /** Requests not answered yet, those included that wait to be begun. */
  readonly inFlight: () => number;
  /**
   * Calls itself unhealthy, goes on serving for as long as load balancers take to notice, then refuses new
   * work, waits for what is in flight up to the deadline, and closes. Both in milliseconds.
   *
   * @returns how many requests were cut off
   */
  readonly drain: (deadlineMs: number, noticeMs?: number) => Promise<number>;
}

/**
 * Serves a router behind its gate over HTTP with Bun, which has one gap: it ends a connection on which a
 * request is sent before the one ahead of it is answered. No browser, load balancer or usual client does that.
 */
export const serve = (router: Router, gate: Gate, shop: Shop, answerStatic: StaticAnswers): RunningServer => {
  let inFlight = 0;
  let isRefusing = false;
  let onIdle: (() => void) | undefined;

  const answer = async (request: HttpRequest): Promise<Response> =>
    responseOf(await router(request), request.method);

  const takeUp = async (request: Request, arrived: HttpRequest): Promise<Response> => {
    try {
      return await answer({ ...arrived, body: await readBody(request, shop.config.http.requestDeadline) });
    } catch (failure) {
      return await answer({ ...arrived, failure });
    }
  };

  const counted = async (work: () => Promise<Response>): Promise<Response> => {
    inFlight += 1;
    try {
      return await work();
    } finally {
      inFlight -= 1;
      if (inFlight === 0) onIdle?.();
    }
  };

  const respond = (request: Request, server: Server<undefined>): Promise<Response> => {
    // A process that stops says so, however busy it is.
    if (isRefusing) {
      const arrived = arrivedRequest(request, server);
      if (arrived.path !== HEALTH_PATH) {
        return answer({ ...arrived, failure: new RequestError("SHUTTING_DOWN") });
      }
      return counted(() => takeUp(request, arrived));
    }
    return counted(
      async () =>
        (await answerStatic(request, targetOf(request.url).path)) ??
        (await gate(request)) ??
        takeUp(request, arrivedRequest(request, server)),
    );
  };

  const server = Bun.serve({
    port: shop.config.http.port,
    hostname: shop.config.http.host,
    idleTimeout: IDLE_TIMEOUT_SECONDS,
    // Ours is far lower; the runtime would end the connection instead of answering.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    // Left out, it would follow `development` and let a second shop share the port unnoticed.
    reusePort: false,
    fetch: async (request, server) => {
      const response = await respond(request, server);
      if (lifecycle.isDraining) response.headers.set("connection", "close");
      return response;
    },
  });

  return {
    url: `http://${server.hostname}:${server.port}`,
    inFlight: () => inFlight,
    drain: async (deadlineMs, noticeMs = 0) => {
      lifecycle.isDraining = true;
      if (noticeMs > 0) await Bun.sleep(noticeMs);
      isRefusing = true;
      const idle = inFlight === 0 ? Promise.resolve() : new Promise<void>((resolve) => (onIdle = resolve));
      const closed = idle.then(() => server.stop()).then(() => 0);
      const cutOff = await Promise.race([closed, Bun.sleep(deadlineMs).then(() => server.pendingRequests)]);
      if (cutOff > 0) await server.stop(true);
      return cutOff;
    },
  };
};

const arrivedRequest = (request: Request, server: Server<undefined>): HttpRequest => ({
  ...targetOf(request.url),
  method: request.method,
  headers: request.headers,
  sourceIp: server.requestIP(request)?.address ?? "",
});
