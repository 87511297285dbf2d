import createClient, { type ClientOptions } from "openapi-fetch";
import type { components, paths } from "./openapi.ts";

export type Schemas = components["schemas"];

/** The shape of every failure: switch on `error`, show `message`. */
export type ShopFailure = Schemas["Error"];

/**
 * A client of the shop whose paths, parameters and answers have the types of its OpenAPI document.
 *
 * @example
 * const shop = shopClient({ baseUrl: "http://localhost:8080" });
 * const { data, error } = await shop.GET("/products/{productId}", { params: { path: { productId: 42 } } });
 */
export const shopClient = (options: ClientOptions = {}) => createClient<paths>(options);
