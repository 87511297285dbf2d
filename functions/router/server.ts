import type { Server } from "bun";
import type { Shop } from "../../core/shop.ts";
import { errorResult } from "../middleware/error-result.ts";
import { MAX_BODY_BYTES, payloadTooLarge } from "../middleware/json-body.ts";
import { RequestError } from "../middleware/request-error.ts";
import { lifecycle } from "../operations/lifecycle.ts";
import { responseOf } from "./response.ts";
import type { Router } from "./router.ts";

/** Above the 60 s after which a load balancer drops an idle connection: the side that sends must not close first. */
const IDLE_TIMEOUT_SECONDS = 75;

/** Above our own limit, so that a body over it still gets our answer rather than the runtime's. */
const RUNTIME_BODY_LIMIT = 16 * MAX_BODY_BYTES;

export interface RunningServer {
  readonly url: string;
  /** Requests that have arrived and are not answered yet. */
  readonly inFlight: () => number;
  /** Refuses new work, waits for what is in flight up to the deadline, then closes. Resolves to the requests cut off. */
  readonly drain: (deadlineMs: number) => Promise<number>;
}

/** Serves a router over HTTP with Bun. */
export const serve = (router: Router, shop: Shop): RunningServer => {
  let inFlight = 0;
  let onIdle: (() => void) | undefined;

  const answer = async (request: Request, server: Server<undefined>): Promise<Response> => {
    const { method, url, headers } = request;
    if (lifecycle.isDraining && !url.endsWith("/health")) return refuse(shuttingDown());
    const body = await readBody(request);
    if (body === "too-large") return refuse(payloadTooLarge());
    const sourceIp = server.requestIP(request)?.address ?? "";
    return responseOf(await router({ method, url, headers, body, sourceIp }), method);
  };

  const server = Bun.serve({
    port: shop.config.http.port,
    hostname: shop.config.http.host,
    idleTimeout: IDLE_TIMEOUT_SECONDS,
    maxRequestBodySize: RUNTIME_BODY_LIMIT,
    fetch: async (request, server) => {
      inFlight += 1;
      try {
        const response = await answer(request, server);
        if (lifecycle.isDraining) response.headers.set("connection", "close");
        return response;
      } finally {
        inFlight -= 1;
        if (inFlight === 0) onIdle?.();
      }
    },
    error: (error) => {
      shop.log.error("request failed outside of its handler", error);
      return refuse(error);
    },
  });

  return {
    url: `http://${server.hostname}:${server.port}`,
    inFlight: () => inFlight,
    drain: async (deadlineMs) => {
      lifecycle.isDraining = true;
      if (inFlight > 0) {
        const idle = new Promise<void>((resolve) => {
          onIdle = resolve;
        });
        await Promise.race([idle, Bun.sleep(deadlineMs)]);
      }
      const cutOff = inFlight;
      await server.stop(cutOff > 0);
      return cutOff;
    },
  };
};

const refuse = (error: unknown): Response => {
  const requestId = crypto.randomUUID();
  const result = errorResult(error, requestId);
  result.headers = { ...result.headers, "x-request-id": requestId };
  return responseOf(result, "GET");
};

const shuttingDown = () =>
  new RequestError(503, "SHUTTING_DOWN", "This process is shutting down; another one answers", {
    headers: { connection: "close" },
  });

/** Reads a body as far as the limit goes; a body that announces more is not read at all. */
const readBody = async (request: Request): Promise<Uint8Array | undefined | "too-large"> => {
  if (!request.body) return undefined;
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) return "too-large";
  const body = new Uint8Array(await request.arrayBuffer());
  return body.length > MAX_BODY_BYTES ? "too-large" : body;
};
