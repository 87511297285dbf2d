import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addToCart } from "../../core/cart/cart.ts";
import { putProduct } from "../../core/catalog/catalog.ts";
import { buildSearchIndex } from "../../core/catalog/search-build.ts";
import { setStock } from "../../core/stock/stock.ts";
import { TABLE_KEYS } from "../../core/tables.ts";
import { allItems } from "../../core/testing/fixtures.ts";
import { captureLines } from "../../core/testing/lines.ts";
import { BAD_BODIES } from "../testing/bad-bodies.ts";
import { OTHER_PRODUCT, PRODUCT, USER } from "../testing/bad-request.ts";
import { BAD_TARGETS } from "../testing/bad-targets.ts";
import { startServer } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";

const { url } = startServer();
const shop = testShop();

/** Everything that is stored. */
const stored = () => Promise.all(TABLE_KEYS.map((table) => allItems(shop, table)));

const READS = ["GetItem", "BatchGetItem", "Query", "Scan"];
/** Calls of storage that may change something, so far. */
const writes = (): number => shop.metrics.total("DynamoDBCalls", (operation) => !READS.includes(operation));

let before: Awaited<ReturnType<typeof stored>>;
let lines: Record<string, unknown>[];

beforeAll(async () => {
  const details = { sku: "SKU", manufacturer: "Northwind", category_id: 1, weight: 1, some_other_id: 1 };
  for (const product_id of [PRODUCT, OTHER_PRODUCT]) {
    await putProduct(shop, { product_id, ...details, category: "Lamps", price: 19.99 });
    await setStock(shop, product_id, { available: 100 });
  }
  await addToCart(shop, USER, { product_id: PRODUCT, quantity: 2 });
  await buildSearchIndex(shop);
  before = await stored();
  shop.log.setLogLevel("INFO");
});

beforeEach(() => {
  lines = captureLines();
});

afterAll(() => {
  shop.log.setLogLevel("SILENT");
});

test.each([...BAD_BODIES, ...BAD_TARGETS])(
  "$status for $method $path $name",
  async ({ method, path, body, headers, ...expected }) => {
    const written = writes();
    const response = await fetch(url + path, {
      method,
      ...(headers && { headers }),
      ...(body !== undefined && { body: Buffer.from(body) }),
    });
    const text = await response.text();
    expect(text).toContain(expected.names ?? "");
    expect(response.status).toBe(expected.status);
    expect(response.headers.get("content-type")).toBe("application/json");
    const { details: _, ...error } = JSON.parse(text);
    expect(error).toEqual({
      error: expect.stringMatching(/^[A-Z][A-Z0-9_]*$/),
      message: expect.stringContaining(expected.names ?? ""),
      request_id: response.headers.get("x-request-id"),
      retryable: false,
    });
    expect(text).not.toMatch(/\bat .*:\d+|\.ts\b|node_modules|Error:/);
    shop.accessLog.flush();
    expect(lines).toMatchObject([{ level: "INFO", status: expected.status, code: error.error }]);
    // Nothing changes without a call that may change it.
    if (writes() > written) expect(await stored()).toEqual(before);
  },
);

test("all of them together have changed nothing", async () => {
  expect(await stored()).toEqual(before);
});

const CARD = "4242424242424242";

test.each([
  ["POST", `/cart/${USER}/checkout`, `{"payment_method":"${CARD}"}`],
  ["POST", `/cart/${USER}/checkout`, `{"payment_method":{"number":"${CARD}"}}`],
  ["POST", `/cart/${USER}/checkout`, `{"card":"${CARD}"}`],
  ["POST", `/cart/${USER}/checkout`, `{"card":"${CARD}"`],
  ["POST", `/cart/${USER}/items`, `{"product_id":${CARD},"quantity":${CARD}}`],
  ["POST", `/cart/${CARD}%20/checkout`, "{}"],
  ["POST", `/cart/${CARD}/pay`, "{}"],
  ["GET", `/products/${CARD}x`, undefined],
  ["GET", `/products?cursor=${CARD}&limit=${CARD}`, undefined],
  ["PUT", `/cart/${USER}/checkout?card=${CARD}`, "{}"],
])("a card number in %s %s %s is neither answered nor logged", async (method, path, body) => {
  const response = await fetch(url + path, {
    method,
    headers: { "content-type": "application/json" },
    ...(body && { body }),
  });
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  expect(await response.text()).not.toContain(CARD);
  expect(JSON.stringify(lines)).not.toContain(CARD);
  shop.accessLog.flush();
  expect(lines).toHaveLength(1);
});

test.each([["a card number in the Idempotency-Key", { "idempotency-key": `${CARD}\u00e9` }]])(
  "%s is neither answered nor logged",
  async (_, headers) => {
    const response = await fetch(`${url}/cart/${USER}/checkout`, { method: "POST", headers });
    expect(await response.text()).not.toContain(CARD);
    expect(JSON.stringify(lines)).not.toContain(CARD);
  },
);

test.each(["garbage", '"', "W/", "\u00ff", '"7001-1', "*,", ",,,", "x".repeat(5_000)])(
  "the If-None-Match %j matches nothing",
  async (value) => {
    const response = await fetch(`${url}/products/${PRODUCT}`, { headers: { "if-none-match": value } });
    expect(response.status).toBe(200);
  },
);

test("an unknown cart is an empty one", async () => {
  const response = await fetch(`${url}/cart/nobody`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    user_id: "nobody",
    items: [],
    total: 0,
    updated_at: null,
    version: 0,
  });
});

test("a body with ten thousand faults gets a short answer", async () => {
  const body = JSON.stringify(
    Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 1])),
  );
  const response = await fetch(`${url}/cart/${USER}/items`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  expect(response.status).toBe(400);
  expect((await response.text()).length).toBeLessThan(5_000);
});
