import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { readConfig } from "../../core/config/config.ts";
import { getStock, setStock } from "../../core/stock/stock.ts";
import { stockedProduct } from "../../core/testing/fixtures.ts";
import { openShop } from "../../core/testing/open-shop.ts";
import { patientConfig } from "../../core/testing/patient-config.ts";
import { type Program, startServer } from "../../loadtest/harness/server-process.ts";
import { createTables } from "../local/create-tables.ts";
import { freePort } from "../local/ports.ts";
import { testShop } from "../testing/test-shop.ts";
import { handler, orderAndBeDeclined } from "./canary.ts";

/** As deployed: nobody is let in but guests. */
const ACCESS = { AUTH: "jwt", AUTH_CART_SECRET: "s".repeat(64) };
const programs: Program[] = [];
let id: number;

const start = async (variables: Record<string, string>): Promise<string> => {
  const environment = { ...process.env, DYNAMODB_TIMEOUT_MS: "30000", ...variables };
  await createTables(readConfig(environment));
  const program = await startServer(environment);
  programs.push(program);
  return program.url;
};

beforeAll(async () => {
  const shop = testShop();
  id = await stockedProduct(shop, 5);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
});

test("orders from a real shop with a declined card, and leaves stock as it was", async () => {
  const url = await start(ACCESS);
  const before = await getStock(testShop(), id);
  expect(await orderAndBeDeclined(url)).toEqual({ product: id, outcome: "ordered, and was declined" });
  expect(await getStock(testShop(), id)).toEqual(before);
  expect(await orderAndBeDeclined(url, { orders: false })).toEqual({ product: id, outcome: "filled a cart" });
  vi.stubEnv("CANARY_URL", url);
  expect(await handler({} as never)).toMatchObject({ outcome: "ordered, and was declined" });
});

test("orders the next product when the first is sold out, and fails when all are", async () => {
  const TABLE_PREFIX = "sold-out-of-canary-";
  const url = await start({ ...ACCESS, TABLE_PREFIX });
  const shop = openShop(patientConfig({ ...process.env, TABLE_PREFIX }));
  for (let count = 0; count < 3; count++) await stockedProduct(shop, 0);
  const { products } = (await (await fetch(new URL("/products?limit=20", url))).json()) as {
    products: { product_id: number }[];
  };
  const last = products.at(-1)?.product_id ?? 0;
  await setStock(shop, last, { available: 5 });
  expect(await orderAndBeDeclined(url)).toEqual({ product: last, outcome: "ordered, and was declined" });
  const [first] = products;
  await expect(orderAndBeDeclined(url, { product: first?.product_id ?? 0 })).rejects.toThrow(
    "all 1 products that were tried are sold out",
  );
  vi.stubEnv("CANARY_URL", url);
  vi.stubEnv("CANARY_PRODUCT", String(last));
  expect(await handler({} as never)).toEqual({ product: last, outcome: "ordered, and was declined" });
  await setStock(shop, last, { available: 0 });
  await expect(orderAndBeDeclined(url)).rejects.toThrow("all 3 products that were tried are sold out");
});

test("browses a shop that lets no guests in", async () => {
  expect(await orderAndBeDeclined(await start({ AUTH: "jwt", AUTH_CART_SECRET: "" }))).toEqual({
    product: id,
    outcome: "browsed",
  });
});

test("names the step that fails", async () => {
  await expect(orderAndBeDeclined(`http://127.0.0.1:${await freePort()}`)).rejects.toThrow(
    "GET /products?limit=20: ",
  );
  await expect(
    orderAndBeDeclined(await start({ ...ACCESS, TABLE_PREFIX: "empty-of-canary-" })),
  ).rejects.toThrow("nothing is for sale");
  await expect(handler({} as never)).rejects.toThrow("CANARY_URL is not set");
});
