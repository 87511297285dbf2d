import type { Role } from "../core/access/identity.ts";
import type { Priority } from "../core/resilience/priorities.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

interface RouteData {
  /** Of the handler, in `functions/`, without its ending. */
  readonly file: string;
  /** Priority: begun first and shed last when the server can't answer everything in time. */
  readonly priority: Priority;
  /** The least that one must be to ask. */
  readonly role: Role;
}

/**
 * The route table, by the keys that API Gateway has for routes. Data only: the stacks read it without bundling the
 * shop into the program that deploys it.
 */
export const ROUTES = {
  "GET /products": { file: "products/list", priority: "read", role: "anyone" },
  "GET /products/search": { file: "products/search", priority: "search", role: "anyone" },
  "GET /products/hot": { file: "products/hot", priority: "read", role: "anyone" },
  "GET /products/{productId}": { file: "products/get", priority: "read", role: "anyone" },
  "POST /products/{productId}/details": { file: "products/put-details", priority: "write", role: "admin" },
  "POST /products/{productId}/hot": { file: "products/pin", priority: "write", role: "admin" },
  "GET /products/{productId}/compare": { file: "products/compare", priority: "read", role: "anyone" },
  "GET /products/{productId}/stock": { file: "stock/get", priority: "read", role: "anyone" },
  "PUT /products/{productId}/stock": { file: "stock/put", priority: "write", role: "admin" },
  "GET /cart/{userId}": { file: "cart/get", priority: "read", role: "owner" },
  "POST /cart/{userId}/items": { file: "cart/add-item", priority: "write", role: "owner" },
  "PUT /cart/{userId}/items/{productId}": { file: "cart/put-item", priority: "write", role: "owner" },
  "DELETE /cart/{userId}/items/{productId}": { file: "cart/remove-item", priority: "write", role: "owner" },
  "POST /cart/{userId}/checkout": { file: "cart/checkout", priority: "checkout", role: "owner" },
  "POST /cart/{userId}/merge": { file: "cart/merge", priority: "write", role: "owner" },
  "POST /guests": { file: "guests/create", priority: "write", role: "anyone" },
  "GET /orders/{orderId}": { file: "orders/get", priority: "read", role: "owner" },
  "GET /orders": { file: "orders/list", priority: "read", role: "owner" },
  "POST /webhooks/stripe": { file: "webhooks/stripe", priority: "checkout", role: "signed" },
  "GET /resilience/circuit-breakers": {
    file: "resilience/circuit-breakers",
    priority: "operations",
    role: "admin",
  },
  "POST /resilience/simulate/{service}": {
    file: "resilience/simulate",
    priority: "operations",
    role: "admin",
  },
  "POST /resilience/reset/{service}": { file: "resilience/reset", priority: "operations", role: "admin" },
  "POST /resilience/test-retry": { file: "resilience/test-retry", priority: "operations", role: "admin" },
  "GET /resilience/demo": { file: "resilience/demo", priority: "operations", role: "admin" },
  "GET /health": { file: "operations/health", priority: "operations", role: "anyone" },
  "GET /stats": { file: "operations/stats", priority: "operations", role: "admin" },
  "GET /memory": { file: "operations/memory", priority: "operations", role: "admin" },
  "GET /metrics": { file: "operations/metrics", priority: "operations", role: "admin" },
  "GET /cache": { file: "operations/get-cache", priority: "operations", role: "admin" },
  "PUT /cache": { file: "operations/put-cache", priority: "operations", role: "admin" },
  "GET /openapi.json": { file: "operations/openapi", priority: "operations", role: "anyone" },
  "GET /docs": { file: "operations/docs", priority: "operations", role: "anyone" },
  "GET /docs/{asset}": { file: "operations/docs-asset", priority: "operations", role: "anyone" },
} as const satisfies Readonly<Record<`${Method} /${string}`, RouteData>>;

export type RouteKey = keyof typeof ROUTES;
export type RouteFile = (typeof ROUTES)[RouteKey]["file"];

/** The data of one route, its key taken apart. */
export interface RouteEntry extends RouteData {
  readonly key: string;
  readonly method: Method;
  /** As in OpenAPI and API Gateway: `/products/{productId}`. */
  readonly path: string;
}

export const routeEntry = (key: RouteKey): RouteEntry => {
  const [method, path = ""] = key.split(" ");
  return { key, method: method as Method, path, ...ROUTES[key] };
};
