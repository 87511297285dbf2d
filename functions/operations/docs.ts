import { defineRoute } from "../http/route.ts";
import { type FindFile, staticEndpoint } from "../http/static-endpoint.ts";
import { once, staticFile } from "../http/static-file.ts";
import { hashedName } from "./docs-files.ts";

const HTML = "text/html; charset=utf-8";

export const route = defineRoute("GET /docs", {
  summary: "This API's documentation as a page",
  tag: "Operations",
  responses: {
    200: { description: "A page that needs no other host", contentTypes: [HTML] },
    304: { description: "The page is still the one that If-None-Match names" },
  },
});

const makePage = async (): Promise<string> => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>Stampede API</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="docs/${await hashedName("swagger-ui.css")}">
  <link rel="stylesheet" href="docs/${await hashedName("page.css")}">
</head>
<body>
  <div id="api"></div>
  <script src="docs/${await hashedName("swagger-ui-bundle.js")}"></script>
  <script src="docs/${await hashedName("page.js")}"></script>
</body>
</html>
`;

/** The page loads from this host alone, and runs nothing but its files, whatever the document or a library says. */
const POLICY =
  "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const find: FindFile = once(async () => ({
  file: staticFile(HTML, await makePage()),
  cacheControl: "no-cache",
  headers: { "content-security-policy": POLICY },
}));

export const handler = staticEndpoint(route, find);
