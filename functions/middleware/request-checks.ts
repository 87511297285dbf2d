import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { Shop } from "../../core/shop.ts";
import { openBrowserGuard } from "../http/browser-guard.ts";
import { oversizeOf } from "../http/request-limits.ts";
import type { Result } from "./result.ts";

/**
 * On Lambda, the checks that the server makes before it asks a route: size, and writes from pages of other sites.
 *
 * @throws RequestError 400, 403, 414 or 431
 */
export const requestChecks = ({ config }: Shop): MiddlewareObj<APIGatewayProxyEventV2, Result> => {
  const guardBrowsers = openBrowserGuard({ ...config.http, host: undefined });
  return {
    before: ({ event: { rawPath = "", rawQueryString = "", headers, requestContext } }) => {
      const sent = headers as Readonly<Record<string, string>>;
      const method = requestContext.http?.method ?? "";
      const objection = oversizeOf(rawPath, rawQueryString, sent) ?? guardBrowsers(method, sent);
      if (objection) throw objection;
    },
  };
};
