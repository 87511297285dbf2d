import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { z } from "zod";
import { endpoint } from "../middleware/endpoint.ts";
import { textResult } from "../middleware/result.ts";
import { defineRoute } from "../router/route.ts";

const TYPES = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
} as const;

export const route = defineRoute({
  method: "GET",
  path: "/docs/{asset}",
  summary: "A file of the documentation page",
  tag: "Operations",
  request: {
    path: z.object({
      asset: z.enum(["swagger-ui.css", "swagger-ui-bundle.js"]),
    }),
  },
  responses: {
    200: {
      description: "The file",
      contentTypes: Object.values(TYPES),
    },
  },
});

const resolve = createRequire(import.meta.url).resolve;

export const handler = endpoint(route, async ({ path: { asset } }) =>
  textResult(200, TYPES[asset], await readFile(resolve(`swagger-ui-dist/${asset}`), "utf8"), {
    "cache-control": "public, max-age=3600",
  }),
);
