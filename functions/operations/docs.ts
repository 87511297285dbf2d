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
  <title>Stampede API</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
  <div id="api"></div>
  <script src="docs/swagger-ui-bundle.js"></script>
  <script>
    SwaggerUIBundle({ url: "openapi.json", dom_id: "#api", deepLinking: true, tryItOutEnabled: true, validatorUrl: null });
  </script>
</body>
</html>
`;

export const handler = endpoint(route, () => textResult(200, "text/html; charset=utf-8", PAGE));
