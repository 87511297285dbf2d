import { z } from "zod";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import { openApiDocument } from "../router/openapi.ts";
import { defineRoute } from "../router/route.ts";

export const route = defineRoute({
  method: "GET",
  path: "/openapi.json",
  summary: "This API's OpenAPI 3.1 document",
  tag: "Operations",
  responses: {
    200: {
      description: "The document",
      schema: z.looseObject({ openapi: z.literal("3.1.0") }),
    },
  },
});

let document: object | undefined;

export const handler = endpoint(route, async () => {
  // Imported late: the route table holds this very file.
  document ??= openApiDocument((await import("../router/routes.ts")).ROUTES.map((entry) => entry.route));
  return jsonResult(200, document, { "cache-control": "no-cache" });
});
