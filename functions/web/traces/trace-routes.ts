import type { Server } from "bun";
import type { TraceStore } from "../../../core/tracing/trace-store.ts";
import type { PageRoutes } from "../../http/page-routes.ts";
import { targetOf } from "../../http/request-target.ts";
import { SECURITY_HEADERS } from "../../middleware/result.ts";
import { answer, refuse } from "../live/answers.ts";
import { listPage, POLICY, tracePage } from "./traces-page.ts";

type Answer = (request: Request, server: Server<undefined>) => Promise<Response>;

const html = (text: string): Response =>
  new Response(text, {
    headers: {
      ...SECURITY_HEADERS,
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": POLICY,
    },
  });

/** The traces that this process keeps, as pages and as JSON. */
export const traceRoutes = (
  store: TraceStore | undefined,
  guarded: (answer: Answer) => Answer,
): PageRoutes => {
  if (!store) return {};
  const one = async (request: Request): Promise<Response> => {
    const name = targetOf(request.url).path.split("/").at(-1) ?? "";
    const traceId = name.replace(/\.json$/, "");
    const spans = store.trace(traceId);
    if (!spans) return refuse(404, "TRACE_NOT_FOUND", "This process keeps no such trace");
    return name === traceId ? html(tracePage(traceId, spans)) : answer(200, { trace_id: traceId, spans });
  };
  return {
    "/console/traces": { GET: guarded(async () => html(listPage(store))) },
    "/console/traces/:trace": { GET: guarded(one) },
  };
};
