import { z } from "zod";
import { type Entry, jsonOf } from "../../core/cache/entry.ts";
import type { Reading } from "../../core/cache/reading.ts";
import { readProduct } from "../../core/catalog/catalog.ts";
import { type Product, productSchema } from "../../core/catalog/product.ts";
import type { Shop } from "../../core/shop.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { productPath } from "../middleware/parameters.ts";
import type { Headers, Result } from "../middleware/result.ts";
import { cacheHeaders } from "./cache-status.ts";
import { etagMatches, etagOf } from "./etag.ts";

const CACHE_HEADERS = {
  "Cache-Status": "Which tier answered (RFC 9211)",
  "X-Cache": "HIT or MISS, for older clients",
};

export const route = defineRoute("GET /products/{productId}", {
  summary: "Read a product",
  tag: "Products",
  request: {
    path: productPath,
    headers: z.object({ "if-none-match": z.string().optional() }),
  },
  responses: {
    200: {
      description: "The product",
      schema: productSchema,
      headers: {
        ETag: "Changes with every write",
        ...CACHE_HEADERS,
      },
    },
    304: {
      description: "The product is still the one that If-None-Match names",
      headers: CACHE_HEADERS,
    },
  },
  failures: ["PRODUCT_NOT_FOUND"],
});

/** A product's number as a path has it; what else it may be, validation judges. */
const PRODUCT_ID = /^[1-9]\d{0,9}$/;

export const handler = endpoint(
  route,
  async ({ path, headers }, shop) => {
    const { product, reading } = await readProduct(shop, path.productId);
    return answerOf(product.product_id, reading, headers["if-none-match"], shop);
  },
  ({ pathParameters, headers }, shop) => {
    const id = pathParameters?.productId ?? "";
    const entry = PRODUCT_ID.test(id) ? shop.products.cache.peek(Number(id)) : undefined;
    if (entry?.kind !== "value") return undefined;
    const reading = { entry, source: "memory", collapsed: false } as const;
    return answerOf(Number(id), reading, headers["if-none-match"], shop);
  },
);

const answerOf = (
  productId: number,
  reading: Reading<Product>,
  ifNoneMatch: string | undefined,
  shop: Shop,
): Result => {
  const { etag, ofJson, bodiless } = headersFor(productId, reading, shop);
  return etagMatches(ifNoneMatch, etag)
    ? { statusCode: 304, headers: bodiless }
    : { statusCode: 200, headers: ofJson, body: jsonOf(reading.entry) };
};

/** The headers of answers from one entry, which change with the second of its age. */
interface ProductHeaders {
  readonly etag: string;
  readonly ofJson: Headers;
  readonly bodiless: Headers;
}

/** Products whose headers are kept for a second. With each header object taking a kilobyte, only hot ones are worth it. */
const MOST_SHARED = 1_000;

/** Of this second, by entry. */
const shared = { second: 0, headers: new Map<Entry<Product>, ProductHeaders>() };

/** Made once a second for a hot entry in memory, and frozen, so that all of its answers share them. */
const headersFor = (productId: number, reading: Reading<Product>, shop: Shop): ProductHeaders => {
  const now = shop.now();
  const isShared = reading.source === "memory" && roomToShare(Math.floor(now / 1_000)) > 0;
  const known = reading.source === "memory" ? shared.headers.get(reading.entry) : undefined;
  if (known) return known;
  const etag = etagOf(productId, reading.entry.version);
  const bodiless = {
    etag,
    "cache-control": "no-cache",
    ...cacheHeaders(reading, shop.products.cache.mode(), now),
  };
  const ofJson = { "content-type": "application/json", ...bodiless };
  const made = { etag, ofJson, bodiless };
  if (!isShared) return made;
  Object.freeze(ofJson);
  Object.freeze(bodiless);
  shared.headers.set(reading.entry, made);
  return made;
};

/** Forgets what an earlier second has left. @returns how many more entries' headers may be kept in this one */
const roomToShare = (second: number): number => {
  if (shared.second !== second) {
    shared.second = second;
    shared.headers = new Map();
  }
  return MOST_SHARED - shared.headers.size;
};
