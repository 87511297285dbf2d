import type { Server } from "bun";
import type { Shop } from "../../core/shop.ts";
import type { PageRoutes } from "../http/page-routes.ts";
import { targetOf } from "../http/request-target.ts";
import { IMMUTABLE, once, type Served, staticAnswer } from "../http/static-file.ts";
import { RequestError } from "../middleware/request-error.ts";
import { SECURITY_HEADERS } from "../middleware/result.ts";
import { ASSETS, buildPages, type PageName } from "./build-pages.ts";
import { openActions } from "./live/actions.ts";
import { refuseAs } from "./live/answers.ts";
import { streamEvents } from "./live/events.ts";
import type { Live } from "./live/open-live.ts";
import { openLiveGuard } from "./live/open-live-guard.ts";
import { traceRoutes } from "./traces/trace-routes.ts";

/** A page loads from this host alone, and runs nothing but its files. */
const POLICY =
  "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const NOT_FOUND = { status: 404, headers: SECURITY_HEADERS };

/** The storefront, the console, their files, and the console's live data. */
export const pageRoutes = (shop: Shop, { history, perform }: Live): PageRoutes => {
  const pages = once(buildPages);
  const guard = openLiveGuard(shop);
  const guarded =
    (answer: Answer): Answer =>
    async (request, server) => {
      try {
        await guard(request, server);
      } catch (error) {
        if (error instanceof RequestError) return refuseAs(error);
        throw error;
      }
      return answer(request, server);
    };
  const page = (name: PageName) => async (request: Request) =>
    respond(request, {
      file: (await pages()).html[name],
      cacheControl: "no-cache",
      headers: { "content-security-policy": POLICY },
    });
  const asset = async (request: Request): Promise<Response> => {
    const { path } = targetOf(request.url);
    const file = (await pages()).assets.get(path.slice(ASSETS.length));
    return file ? respond(request, { file, cacheControl: IMMUTABLE }) : new Response(null, NOT_FOUND);
  };
  return {
    "/": getting(page("storefront")),
    "/console": getting(page("console")),
    [`${ASSETS}:name`]: getting(asset),
    "/console/actions": { POST: guarded(openActions(perform)) },
    "/console/events": {
      GET: guarded(async (request, server) => streamEvents(history, request, server)),
    },
    ...traceRoutes(shop.tracing?.store, guarded),
  };
};

type Answer = (request: Request, server: Server<undefined>) => Promise<Response>;

const getting = (answer: (request: Request) => Promise<Response>) => ({ GET: answer, HEAD: answer });

const respond = async (request: Request, served: Served): Promise<Response> => {
  const { headers } = request;
  const answer = await staticAnswer(served, headers.get("accept-encoding"), headers.get("if-none-match"));
  const { body } = answer.variant;
  const isBodiless = request.method === "HEAD" || answer.status === 304;
  return new Response(isBodiless ? null : body, {
    status: answer.status,
    headers: {
      ...SECURITY_HEADERS,
      ...answer.headers,
      ...(request.method === "HEAD" && { "content-length": String(body.size) }),
    },
  });
};
