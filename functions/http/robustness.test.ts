import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { putProduct } from "../../core/catalog/catalog.ts";
import { buildSearchIndex } from "../../core/catalog/search-build.ts";
import { setStock } from "../../core/stock/stock.ts";
import { anyText } from "../../loadtest/harness/any-text.ts";
import { runs } from "../../loadtest/harness/property-runs.ts";
import { startServer } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";
import { ENDPOINTS } from "./endpoints.ts";

const { url } = startServer();

beforeAll(async () => {
  const shop = testShop();
  const details = { sku: "SKU", manufacturer: "Northwind", category_id: 1, weight: 1, some_other_id: 1 };
  await putProduct(shop, { product_id: 1, ...details, category: "Lamps", price: 19.99 });
  await setStock(shop, 1, { available: 1_000_000 });
  await buildSearchIndex(shop);
});

/** Values that mean something to the shop, their neighbours, and anything at all. */
const value = fc.oneof(
  fc.constantFrom<unknown>(1, 0, -1, 2, 0.5, 2 ** 31, "1", "alice", "pm_card_visa", "", null, true),
  fc.jsonValue(),
  fc.double(),
  anyText(),
);
const text = fc.oneof(
  value.map((any) => (typeof any === "string" ? any : (JSON.stringify(any) ?? ""))),
  fc.constantFrom("__proto__", "constructor", "..", "%2F", "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC"),
);

const NAMES = {
  query: ["category", "limit", "cursor", "q", "user_id"],
  body: [
    "product_id",
    "quantity",
    "available",
    "payment_method",
    "sku",
    "manufacturer",
    "price",
    "constructor",
  ],
};
const recordOf = <T>(names: readonly string[], values: fc.Arbitrary<T>) =>
  fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), values, { maxKeys: 4 });

const encode = (part: string): string => encodeURIComponent(part.toWellFormed());

// Faults on purpose answer 5xx on purpose.
const routes = ENDPOINTS.map(({ route }) => route).filter(({ path }) => !path.startsWith("/resilience"));

const request = fc.record({
  method: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS") },
  ),
  route: fc.constantFrom(...routes),
  segments: fc.array(
    fc.oneof(fc.constantFrom("1", "alice"), fc.constant("1"), text.map(encode), fc.webPath()),
    {
      minLength: 2,
      maxLength: 2,
    },
  ),
  query: recordOf(NAMES.query, text),
  contentType: fc.oneof(
    { weight: 9, arbitrary: fc.constant("application/json") },
    { weight: 1, arbitrary: fc.constantFrom("text/plain", "application/x; y=z") },
  ),
  body: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom('{"product_id":1,"quantity":1}', '{"quantity":2}', '{"available":9}', "{}"),
    },
    { weight: 2, arbitrary: recordOf(NAMES.body, value).map((fields) => JSON.stringify(fields)) },
    { weight: 1, arbitrary: value.map((any) => JSON.stringify(any) ?? "") },
    { weight: 1, arbitrary: anyText() },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  ),
  headers: fc.dictionary(
    fc.constantFrom("if-none-match", "idempotency-key", "x-request-id", "x-amzn-trace-id", "cookie"),
    fc.string({ unit: "grapheme-ascii", maxLength: 300 }),
  ),
});

test("no request gets a 5xx, and a failure always has its shape", async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ method, route, segments, query, contentType, body, headers }) => {
      const values = segments.values();
      const path = route.path.replace(/\{\w+\}/g, () => values.next().value ?? "");
      const sent = method ?? route.method;
      const response = await fetch(`${url}${path}?${new URLSearchParams(query)}`, {
        method: sent,
        headers: { ...headers, "content-type": contentType },
        ...(!["GET", "HEAD"].includes(sent) && { body }),
      });
      expect(response.status).toBeLessThan(500);
      const answer = await response.text();
      if (response.status >= 400 && sent !== "HEAD") {
        expect(JSON.parse(answer)).toMatchObject({
          error: expect.stringMatching(/^[A-Z][A-Z0-9_]*$/),
          message: expect.any(String),
          request_id: response.headers.get("x-request-id"),
          retryable: expect.any(Boolean),
        });
      }
    }),
    runs(300),
  );
});
