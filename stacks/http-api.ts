import { ROUTES, type RouteFile } from "../functions/routes.ts";
import { cacheLink, isCluster } from "./cache.ts";
import { accessLink } from "./credentials.ts";
import { accessEnvironment } from "./environment.ts";
import { vpc } from "./network.ts";
import { shopFunction } from "./shop-function.ts";
import { settings, sizes } from "./stage.ts";

/** Nobody else gets the key to the customers' money. */
const CHARGING: ReadonlySet<RouteFile> = new Set(["cart/checkout", "webhooks/stripe"]);

/** `ProductsPutDetails` of `products/put-details`, for the function's name. */
const nameOf = (file: string): string =>
  file
    .split(/[/-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");

/** The same handler files as functions, one each, behind an HTTP API. */
export const deployFunctions = () => {
  const api = new sst.aws.ApiGatewayV2("Api", {
    ...(settings.domain && {
      domain: { name: settings.domain.name, dns: sst.aws.dns({ zone: settings.domain.zone }) },
    }),
    accessLog: { retention: sizes.logRetention },
    // The pages that may call it are the shop's own. The API would put its own headers in place of the handlers'.
    cors: false,
  });
  for (const [key, { file }] of Object.entries(ROUTES)) {
    api.route(
      key,
      shopFunction({
        principal: "api",
        charges: CHARGING.has(file),
        handler: `functions/${file}.handler`,
        timeout: "15 seconds",
        cache: { link: cacheLink, isCluster },
        access: { ...accessEnvironment(settings), SST_RESOURCE_Access: accessLink },
        // In `sst dev` a function hands its work to the developer's machine, which is out of the network's reach.
        ...(!$dev && { vpc: { privateSubnets: vpc.privateSubnets, securityGroups: vpc.securityGroups } }),
        ...(key.startsWith("GET /docs") && { packages: ["swagger-ui-dist"] }),
      }),
      { name: nameOf(file) },
    );
  }
  return { api };
};
