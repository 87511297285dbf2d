import type { Server } from "bun";
import { shortfall } from "../../../core/access/identity.ts";
import type { Shop } from "../../../core/shop.ts";
import { openBrowserGuard } from "../../http/browser-guard.ts";
import { openGuard } from "../../middleware/access.ts";
import { unauthenticated } from "../../middleware/credentials.ts";
import { RequestError } from "../../middleware/request-error.ts";

/** Lets through an administrator on a page of this shop's own: the console's data is for nobody else. */
export const openLiveGuard = (shop: Shop) => {
  // CORS opens the API to another site's pages, and not the console.
  const guardBrowsers = openBrowserGuard({ ...shop.config.http, corsOrigin: undefined });
  const guard = openGuard(shop);

  /** @throws RequestError 401, 403, 421 or 429 */
  return async (request: Request, server: Server<undefined>): Promise<void> => {
    const headers = request.headers.toJSON();
    // As a write whatever its method: another site's page must not even hold a stream open.
    const objection = guardBrowsers("POST", headers);
    if (objection) throw objection;
    if (!guard) return;
    const sourceIp = (): string => server.requestIP(request)?.address ?? "";
    const { identity } = await guard({ headers, sourceIp }, undefined);
    const missing = shortfall(identity, "admin");
    if (missing === "UNAUTHENTICATED") throw unauthenticated();
    if (missing) throw new RequestError(missing);
  };
};
