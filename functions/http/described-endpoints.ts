import * as addCartItem from "../cart/add-item.ts";
import * as checkout from "../cart/checkout.ts";
import * as getCart from "../cart/get.ts";
import * as mergeCart from "../cart/merge.ts";
import * as putCartItem from "../cart/put-item.ts";
import * as removeCartItem from "../cart/remove-item.ts";
import * as createGuest from "../guests/create.ts";
import type { HttpEntry } from "../middleware/endpoint.ts";
import * as docs from "../operations/docs.ts";
import * as docsAsset from "../operations/docs-asset.ts";
import * as getCache from "../operations/get-cache.ts";
import * as health from "../operations/health.ts";
import * as memory from "../operations/memory.ts";
import * as metrics from "../operations/metrics.ts";
import * as putCache from "../operations/put-cache.ts";
import * as stats from "../operations/stats.ts";
import * as getOrder from "../orders/get.ts";
import * as listOrders from "../orders/list.ts";
import * as compareProduct from "../products/compare.ts";
import * as getProduct from "../products/get.ts";
import * as hotProducts from "../products/hot.ts";
import * as listProducts from "../products/list.ts";
import * as pinProduct from "../products/pin.ts";
import * as putProductDetails from "../products/put-details.ts";
import * as searchProducts from "../products/search.ts";
import * as circuitBreakers from "../resilience/circuit-breakers.ts";
import * as resilienceDemo from "../resilience/demo.ts";
import * as resetCircuit from "../resilience/reset.ts";
import * as simulateFault from "../resilience/simulate.ts";
import * as testRetry from "../resilience/test-retry.ts";
import { ROUTES, type RouteFile } from "../routes.ts";
import * as getStock from "../stock/get.ts";
import * as putStock from "../stock/put.ts";
import * as stripeWebhook from "../webhooks/stripe.ts";
import type { Route } from "./route.ts";

export interface Endpoint {
  readonly route: Route;
  readonly handler: HttpEntry;
}

type DescribedFile = Exclude<RouteFile, "operations/openapi">;

const FILES: Readonly<Record<DescribedFile, Endpoint>> = {
  "cart/add-item": addCartItem,
  "cart/checkout": checkout,
  "cart/get": getCart,
  "cart/merge": mergeCart,
  "cart/put-item": putCartItem,
  "cart/remove-item": removeCartItem,
  "guests/create": createGuest,
  "operations/docs": docs,
  "operations/docs-asset": docsAsset,
  "operations/get-cache": getCache,
  "operations/health": health,
  "operations/memory": memory,
  "operations/metrics": metrics,
  "operations/put-cache": putCache,
  "operations/stats": stats,
  "orders/get": getOrder,
  "orders/list": listOrders,
  "products/compare": compareProduct,
  "products/get": getProduct,
  "products/hot": hotProducts,
  "products/list": listProducts,
  "products/pin": pinProduct,
  "products/put-details": putProductDetails,
  "products/search": searchProducts,
  "resilience/circuit-breakers": circuitBreakers,
  "resilience/demo": resilienceDemo,
  "resilience/reset": resetCircuit,
  "resilience/simulate": simulateFault,
  "resilience/test-retry": testRetry,
  "stock/get": getStock,
  "stock/put": putStock,
  "webhooks/stripe": stripeWebhook,
};

/** Every endpoint but the OpenAPI document, which describes them. */
export const DESCRIBED_ENDPOINTS: readonly Endpoint[] = Object.values(ROUTES).flatMap(({ file }) =>
  file === "operations/openapi" ? [] : [FILES[file]],
);
