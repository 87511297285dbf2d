import { endpoint } from "../middleware/endpoint.ts";
import { textResult } from "../middleware/result.ts";
import { defineRoute } from "../router/route.ts";

export const route = defineRoute({
  method: "GET",
  path: "/docs",
  summary: "This API's documentation as a page",
  tag: "Operations",
  responses: {
    200: {
      description: "A page that needs no other host",
      contentTypes: ["text/html; charset=utf-8"],
    },
  },
});

const PAGE = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>Stampede API</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="docs/swagger-ui.css">
  <style>
    body { margin: 0 }
    .swagger-ui .response-col_links { display: none } /* there are none, and phones lack the room */
    .swagger-ui code { overflow-wrap: anywhere }
  </style>
</head>
<body>
  <div id="api"></div>
  <script src="docs/swagger-ui-bundle.js"></script>
  <script>
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const followTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
    dark.addEventListener("change", followTheme);
    followTheme();
    SwaggerUIBundle({
      url: "openapi.json",
      dom_id: "#api",
      deepLinking: true,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
      validatorUrl: null,
    });
  </script>
</body>
</html>
`;

/** The page loads from this host alone, whatever a library of it may try. */
const POLICY =
  "default-src 'none'; connect-src 'self'; script-src 'self' 'unsafe-inline'; " +
  "style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

export const handler = endpoint(route, () =>
  textResult(200, "text/html; charset=utf-8", PAGE, { "content-security-policy": POLICY }),
);
