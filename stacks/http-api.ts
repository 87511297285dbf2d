import { ROUTES } from "../functions/routes.ts";
import { cacheLink, isCluster } from "./cache.ts";
import { accessLink } from "./credentials.ts";
import { accessEnvironment } from "./environment.ts";
import { vpc } from "./network.ts";
import { shopFunction } from "./shop-function.ts";
import { settings, sizes } from "./stage.ts";

/** Read from its package at run time, so that it must be shipped along. */
const SWAGGER_UI = { install: ["swagger-ui-dist"] };

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
        handler: `functions/${file}.handler`,
        timeout: "15 seconds",
        cache: { link: cacheLink, isCluster },
        access: { ...accessEnvironment(settings), SST_RESOURCE_Access: accessLink },
        // In `sst dev` a function hands its work to the developer's machine, which is out of the network's reach.
        ...(!$dev && { vpc: { privateSubnets: vpc.privateSubnets, securityGroups: vpc.securityGroups } }),
        ...(key.startsWith("GET /docs") && { nodejs: SWAGGER_UI }),
      }),
      { name: nameOf(file) },
    );
  }
  return { api };
};
