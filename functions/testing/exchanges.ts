// biome-ignore-all lint/style/noExcessiveLinesPerFile: an exchange for each route and answer
import { detailsOf } from "../../loadtest/harness/product-details.ts";

/** One request to each thing a route can answer. Run in this order: what one leaves behind, another needs. */
export interface Exchange {
  readonly route: string;
  readonly path: string;
  readonly status: number;
  /** The code of a failure. */
  readonly code?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const PRODUCT = 601;
const SOLD_OUT = 602;
const UNKNOWN = 2_147_483_647;

const details = (product_id: number) =>
  detailsOf(product_id, { name: "Oak desk lamp", category: "Lighting", price: 19.99 });

const PUT_DETAILS = "POST /products/{productId}/details";
const GET_PRODUCT = "GET /products/{productId}";
const GET_STOCK = "GET /products/{productId}/stock";
const PUT_STOCK = "PUT /products/{productId}/stock";
const SIMULATE = "POST /resilience/simulate/{service}";
const RESET = "POST /resilience/reset/{service}";
const TEST_RETRY = "POST /resilience/test-retry";
const GET_CART = "GET /cart/{userId}";
const ADD_ITEM = "POST /cart/{userId}/items";
const PUT_ITEM = "PUT /cart/{userId}/items/{productId}";
const DELETE_ITEM = "DELETE /cart/{userId}/items/{productId}";
const CHECKOUT = "POST /cart/{userId}/checkout";

const MERGE = "POST /cart/{userId}/merge";

const addLine = (user: string, product_id = PRODUCT, quantity = 2): Exchange => ({
  route: ADD_ITEM,
  path: `/cart/${user}/items`,
  body: { product_id, quantity },
  status: 200,
});

export const EXCHANGES: readonly Exchange[] = [
  { route: PUT_DETAILS, path: `/products/${PRODUCT}/details`, body: details(PRODUCT), status: 204 },
  { route: PUT_DETAILS, path: `/products/${SOLD_OUT}/details`, body: details(SOLD_OUT), status: 204 },
  { route: GET_PRODUCT, path: `/products/${PRODUCT}`, status: 200 },
  { route: GET_PRODUCT, path: `/products/${PRODUCT}`, headers: { "if-none-match": "*" }, status: 304 },
  { route: GET_PRODUCT, path: `/products/${UNKNOWN}`, status: 404, code: "PRODUCT_NOT_FOUND" },
  { route: GET_PRODUCT, path: "/products/0", status: 400, code: "VALIDATION_FAILED" },
  { route: "GET /products", path: "/products?category=Lighting&limit=1", status: 200 },
  { route: "GET /products", path: "/products", status: 200 },
  { route: "GET /products", path: "/products?limit=0", status: 400, code: "VALIDATION_FAILED" },
  { route: "GET /products/search", path: "/products/search?q=oak", status: 200 },
  { route: "GET /products/search", path: "/products/search", status: 400, code: "VALIDATION_FAILED" },
  { route: "GET /products/hot", path: "/products/hot", status: 200 },
  { route: "POST /products/{productId}/hot", path: `/products/${PRODUCT}/hot`, status: 200 },
  { route: "GET /products/hot", path: "/products/hot", status: 200 },
  {
    route: "POST /products/{productId}/hot",
    path: `/products/${UNKNOWN}/hot`,
    status: 404,
    code: "PRODUCT_NOT_FOUND",
  },
  {
    route: "POST /products/{productId}/hot",
    path: "/products/x/hot",
    status: 400,
    code: "VALIDATION_FAILED",
  },
  { route: "GET /products/{productId}/compare", path: `/products/${PRODUCT}/compare`, status: 200 },
  {
    route: "GET /products/{productId}/compare",
    path: `/products/${UNKNOWN}/compare`,
    status: 404,
    code: "PRODUCT_NOT_FOUND",
  },
  {
    route: "GET /products/{productId}/compare",
    path: "/products/x/compare",
    status: 400,
    code: "VALIDATION_FAILED",
  },
  { route: PUT_STOCK, path: `/products/${PRODUCT}/stock`, body: { available: 1_000_000 }, status: 200 },
  {
    route: PUT_STOCK,
    path: `/products/${UNKNOWN}/stock`,
    body: { available: 1 },
    status: 404,
    code: "PRODUCT_NOT_FOUND",
  },
  {
    route: PUT_STOCK,
    path: `/products/${PRODUCT}/stock`,
    body: { available: 1_000_000, shards: 4 },
    status: 200,
  },
  { route: GET_STOCK, path: `/products/${PRODUCT}/stock`, status: 200 },
  { route: GET_STOCK, path: `/products/${SOLD_OUT}/stock`, status: 200 },
  { route: GET_STOCK, path: `/products/${UNKNOWN}/stock`, status: 404, code: "PRODUCT_NOT_FOUND" },
  { route: GET_STOCK, path: "/products/x/stock", status: 400, code: "VALIDATION_FAILED" },
  addLine("ann"),
  { ...addLine("ann", UNKNOWN), status: 404, code: "PRODUCT_NOT_FOUND" },
  { ...addLine("ann", PRODUCT, 10_000), status: 409, code: "CART_LIMIT_EXCEEDED" },
  { route: GET_CART, path: "/cart/ann", status: 200 },
  { route: GET_CART, path: "/cart/nobody", status: 200 },
  { route: GET_CART, path: "/cart/a..b", status: 400, code: "VALIDATION_FAILED" },
  { route: PUT_ITEM, path: `/cart/ann/items/${PRODUCT}`, body: { quantity: 3 }, status: 200 },
  {
    route: PUT_ITEM,
    path: `/cart/ann/items/${SOLD_OUT}`,
    body: { quantity: 3 },
    status: 404,
    code: "CART_ITEM_NOT_FOUND",
  },
  addLine("ann", SOLD_OUT, 1),
  { route: CHECKOUT, path: "/cart/ann/checkout", status: 409, code: "OUT_OF_STOCK" },
  { route: DELETE_ITEM, path: `/cart/ann/items/${SOLD_OUT}`, status: 200 },
  { route: DELETE_ITEM, path: `/cart/ann/items/${SOLD_OUT}`, status: 404, code: "CART_ITEM_NOT_FOUND" },
  { route: DELETE_ITEM, path: "/cart/ann/items/x", status: 400, code: "VALIDATION_FAILED" },
  { route: CHECKOUT, path: "/cart/ann/checkout", headers: { "idempotency-key": "k" }, status: 201 },
  { route: CHECKOUT, path: "/cart/ann/checkout", headers: { "idempotency-key": "k" }, status: 201 },
  {
    route: CHECKOUT,
    path: "/cart/ann/checkout",
    headers: { "idempotency-key": "k" },
    body: { payment_method: "pm_card_chargeDeclined" },
    status: 422,
    code: "IDEMPOTENCY_MISMATCH",
  },
  { route: CHECKOUT, path: "/cart/ann/checkout", status: 400, code: "CART_EMPTY" },
  addLine("ben"),
  {
    route: CHECKOUT,
    path: "/cart/ben/checkout",
    body: { payment_method: "pm_card_chargeDeclined" },
    status: 402,
    code: "PAYMENT_DECLINED",
  },
  { route: CHECKOUT, path: "/cart/ben/checkout", body: { payment_method: "pm_processor_down" }, status: 202 },
  { route: "POST /guests", path: "/guests", status: 201 },
  {
    route: "POST /guests",
    path: "/guests",
    headers: { trailer: "expires" },
    status: 400,
    code: "VALIDATION_FAILED",
  },
  { route: MERGE, path: "/cart/ann/merge", headers: { "x-cart-token": "{guest's}" }, status: 200 },
  { route: MERGE, path: "/cart/ann/merge", status: 400, code: "VALIDATION_FAILED" },
  {
    route: "POST /webhooks/stripe",
    path: "/webhooks/stripe",
    body: { id: "evt_1", type: "payment_intent.succeeded" },
    status: 404,
    code: "ROUTE_NOT_FOUND",
  },
  { route: "GET /orders", path: "/orders?user_id=ann&limit=1", status: 200 },
  { route: "GET /orders", path: "/orders?user_id=nobody", status: 200 },
  { route: "GET /orders", path: "/orders", status: 400, code: "VALIDATION_FAILED" },
  { route: "GET /orders/{orderId}", path: "/orders/{ann's}", status: 200 },
  { route: "GET /orders/{orderId}", path: "/orders/ORD-1", status: 404, code: "ORDER_NOT_FOUND" },
  {
    route: "GET /orders/{orderId}",
    path: `/orders/${"x".repeat(101)}`,
    status: 400,
    code: "VALIDATION_FAILED",
  },
  { route: "GET /resilience/circuit-breakers", path: "/resilience/circuit-breakers", status: 200 },
  { route: SIMULATE, path: "/resilience/simulate/redis", body: { enable: true, latency_ms: 1 }, status: 200 },
  { route: SIMULATE, path: "/resilience/simulate/redis", body: { enable: false }, status: 200 },
  { route: SIMULATE, path: "/resilience/simulate/disk", status: 400, code: "VALIDATION_FAILED" },
  { route: RESET, path: "/resilience/reset/payment", status: 200 },
  { route: RESET, path: "/resilience/reset/all", status: 200 },
  { route: RESET, path: "/resilience/reset/disk", status: 400, code: "VALIDATION_FAILED" },
  {
    route: TEST_RETRY,
    path: "/resilience/test-retry",
    body: { fail_count: 1, max_retries: 2 },
    status: 200,
  },
  {
    route: TEST_RETRY,
    path: "/resilience/test-retry",
    body: { fail_count: 2, max_retries: 1 },
    status: 500,
  },
  { route: "GET /resilience/demo", path: "/resilience/demo", status: 200 },
  { route: "GET /health", path: "/health", status: 200 },
  { route: "GET /stats", path: "/stats", status: 200 },
  { route: "GET /memory", path: "/memory", status: 200 },
  { route: "GET /metrics", path: "/metrics", status: 200 },
  { route: "GET /cache", path: "/cache", status: 200 },
  { route: "PUT /cache", path: "/cache", body: { mode: "redis" }, status: 200 },
  { route: GET_PRODUCT, path: `/products/${PRODUCT}`, status: 200 },
  { route: "PUT /cache", path: "/cache", body: { mode: "off" }, status: 200 },
  { route: GET_PRODUCT, path: `/products/${PRODUCT}`, status: 200 },
  { route: "PUT /cache", path: "/cache", body: { mode: "tiered" }, status: 200 },
  { route: "GET /openapi.json", path: "/openapi.json", status: 200 },
  { route: "GET /docs", path: "/docs", status: 200 },
  { route: "GET /docs/{asset}", path: "/docs/swagger-ui.css", status: 200 },
  { route: "GET /docs/{asset}", path: "/docs/swagger-ui-bundle.js", status: 200 },
  { route: "GET /openapi.json", path: "/openapi.json", headers: { "if-none-match": "*" }, status: 304 },
  { route: "GET /docs", path: "/docs", headers: { "if-none-match": "*" }, status: 304 },
  {
    route: "GET /docs/{asset}",
    path: "/docs/swagger-ui.css",
    headers: { "if-none-match": "*" },
    status: 304,
  },
  { route: "GET /docs/{asset}", path: "/docs/passwd", status: 400, code: "VALIDATION_FAILED" },
];
