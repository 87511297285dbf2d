import type { Server } from "bun";
import type { Shop } from "../../../core/shop.ts";
import { openBrowserGuard } from "../../http/browser-guard.ts";
import { openGuard } from "../../middleware/access.ts";

const CONSOLE = { key: "/console", role: "admin", priority: "operations" } as const;

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
    const sourceIp = (): string => server.requestIP(request)?.address ?? "";
    await guard?.({ headers, sourceIp }, CONSOLE);
  };
};
