import * as addCartItem from "./cart/add-item.ts";
import * as checkout from "./cart/checkout.ts";
import * as getCart from "./cart/get.ts";
import * as putCartItem from "./cart/put-item.ts";
import * as removeCartItem from "./cart/remove-item.ts";
import type { Route } from "./http/route.ts";
import type { HttpHandler } from "./middleware/endpoint.ts";
import * as docs from "./operations/docs.ts";
import * as docsAsset from "./operations/docs-asset.ts";
import * as getCache from "./operations/get-cache.ts";
import * as health from "./operations/health.ts";
import * as memory from "./operations/memory.ts";
import * as openapi from "./operations/openapi.ts";
import * as putCache from "./operations/put-cache.ts";
import * as stats from "./operations/stats.ts";
import * as getOrder from "./orders/get.ts";
import * as listOrders from "./orders/list.ts";
import * as compareProduct from "./products/compare.ts";
import * as getProduct from "./products/get.ts";
import * as hotProducts from "./products/hot.ts";
import * as listProducts from "./products/list.ts";
import * as pinProduct from "./products/pin.ts";
import * as putProductDetails from "./products/put-details.ts";
import * as searchProducts from "./products/search.ts";
import * as circuitBreakers from "./resilience/circuit-breakers.ts";
import * as resilienceDemo from "./resilience/demo.ts";
import * as resetCircuit from "./resilience/reset.ts";
import * as simulateFault from "./resilience/simulate.ts";
import * as testRetry from "./resilience/test-retry.ts";
import * as getStock from "./stock/get.ts";
import * as putStock from "./stock/put.ts";

export interface Endpoint {
  readonly route: Route;
  readonly handler: HttpHandler;
}

/** The route table: every endpoint of the shop, for the router, the OpenAPI document and the stacks. */
export const ROUTES: readonly Endpoint[] = [
  listProducts,
  searchProducts,
  hotProducts,
  getProduct,
  putProductDetails,
  pinProduct,
  compareProduct,
  getStock,
  putStock,
  getCart,
  addCartItem,
  putCartItem,
  removeCartItem,
  checkout,
  getOrder,
  listOrders,
  circuitBreakers,
  simulateFault,
  resetCircuit,
  testRetry,
  resilienceDemo,
  health,
  stats,
  memory,
  getCache,
  putCache,
  openapi,
  docs,
  docsAsset,
];
