import { z } from "zod";
import { defineRoute } from "../http/route.ts";
import { type FindFile, staticEndpoint } from "../http/static-endpoint.ts";
import { IMMUTABLE } from "../http/static-file.ts";
import { CSS, docsFile, FILE_NAME, JAVASCRIPT, parseName } from "./docs-files.ts";

export const route = defineRoute("GET /docs/{asset}", {
  summary: "A file of the documentation page",
  tag: "Operations",
  request: {
    path: z.object({
      asset: z.string().regex(FILE_NAME, "is no file of the page").meta({ example: "swagger-ui.css" }),
    }),
  },
  responses: {
    200: {
      description: "The file, for good if its name has the hash of its content",
      contentTypes: [CSS, JAVASCRIPT],
    },
    304: { description: "The file is still the one that If-None-Match names" },
  },
});

/**
 * A hash of another version gets the content that this one has, but not for good: in a rolling restart, the page
 * and its files come from different versions.
 */
const find: FindFile = async (name) => {
  const parsed = parseName(name);
  if (!parsed) return undefined;
  const file = await docsFile(parsed.file);
  return { file, cacheControl: parsed.hash === file.hash ? IMMUTABLE : "no-cache" };
};

export const handler = staticEndpoint(route, find);
