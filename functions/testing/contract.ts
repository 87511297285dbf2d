/** The published contract: each route with the successes and the failures its clients rely on. */
export const CONTRACT: readonly (readonly [
  route: string,
  successes: readonly number[],
  failures: readonly number[],
])[] = [
  ["GET /products/{productId}", [200, 304], [400, 404]],
  ["POST /products/{productId}/details", [204], [400, 413, 415]],
  ["GET /products", [200], [400]],
  ["GET /products/search", [200], [400]],
  ["GET /products/hot", [200], [503]],
  ["POST /products/{productId}/hot", [200], [400, 404, 503]],
  ["GET /products/{productId}/compare", [200], [400, 404]],
  ["GET /products/{productId}/stock", [200], [400, 404]],
  ["PUT /products/{productId}/stock", [200], [400, 404]],
  ["GET /cart/{userId}", [200], [400]],
  ["POST /cart/{userId}/items", [200], [400, 404, 409]],
  ["PUT /cart/{userId}/items/{productId}", [200], [400, 404]],
  ["DELETE /cart/{userId}/items/{productId}", [200], [404]],
  ["POST /cart/{userId}/checkout", [201, 202], [400, 402, 409, 422, 503]],
  ["GET /orders/{orderId}", [200], [404]],
  ["GET /orders", [200], [400]],
  ["GET /health", [200], [503]],
  ["GET /stats", [200], []],
  ["GET /memory", [200], []],
  ["GET /metrics", [200], [404]],
  ["GET /resilience/circuit-breakers", [200], []],
  ["POST /resilience/simulate/{service}", [200], [400]],
  ["POST /resilience/reset/{service}", [200], [400]],
  ["POST /resilience/test-retry", [200], [400, 500]],
  ["GET /resilience/demo", [200], []],
  ["GET /cache", [200], []],
  ["PUT /cache", [200], [400]],
  ["GET /openapi.json", [200, 304], []],
  ["GET /docs", [200, 304], []],
];

/** Guests, and parts of the documentation page. */
export const BESIDE_THE_CONTRACT: readonly string[] = [
  "GET /docs/{asset}",
  "POST /cart/{userId}/merge",
  "POST /guests",
  "POST /webhooks/stripe",
];
