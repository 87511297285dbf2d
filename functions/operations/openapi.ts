import { z } from "zod";
import { DESCRIBED_ENDPOINTS } from "../http/described-endpoints.ts";
import { openApiDocument } from "../http/openapi.ts";
import { defineRoute } from "../http/route.ts";
import { type FindFile, staticEndpoint } from "../http/static-endpoint.ts";
import { once, staticFile } from "../http/static-file.ts";

export const route = defineRoute("GET /openapi.json", {
  summary: "This API's OpenAPI 3.1 document",
  tag: "Operations",
  responses: {
    200: {
      description: "The document",
      schema: z.looseObject({ openapi: z.literal("3.1.0") }),
    },
    304: { description: "The document is still the one that If-None-Match names" },
  },
});

const makeDocument = (): string =>
  JSON.stringify(openApiDocument([...DESCRIBED_ENDPOINTS.map((described) => described.route), route]));

const find: FindFile = once(async () => ({
  file: staticFile("application/json", makeDocument()),
  cacheControl: "no-cache",
}));

export const handler = staticEndpoint(route, find);
