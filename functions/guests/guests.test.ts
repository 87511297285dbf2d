import { beforeAll, expect, test } from "vitest";
import { putProduct } from "../../core/catalog/catalog.ts";
import { startServer } from "../testing/http.ts";
import { bearer, requireCredentials } from "../testing/identities.ts";
import { testShop } from "../testing/test-shop.ts";

requireCredentials();
process.env.RATE_LIMITS = "off";
const { url } = startServer();
const PRODUCT = 77;

beforeAll(async () => {
  const details = { sku: "SKU", manufacturer: "Northwind", category_id: 1, weight: 1, some_other_id: 1 };
  await putProduct(testShop(), { product_id: PRODUCT, ...details, price: 5 });
});

interface Answer {
  readonly user_id: string;
  readonly cart_token: string;
  readonly total: number;
  readonly items: unknown[];
}

const ask = async (method: string, path: string, headers: Record<string, string>, body?: unknown) => {
  const response = await fetch(url + path, {
    method,
    headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
};

const cookieOf = (headers: Headers): string => headers.get("set-cookie")?.split(";")[0] ?? "";

test("a browser's guest fills a cart, signs in and takes it along, once", async () => {
  const guest = await ask("POST", "/guests", {});
  expect(guest.status).toBe(201);
  expect(guest.headers.get("set-cookie")).toMatch(
    /^__Host-cart=[^;]+; Path=\/; Max-Age=604800; Secure; HttpOnly; SameSite=Lax$/,
  );
  const cookie = cookieOf(guest.headers);
  const { user_id, cart_token } = guest.body;
  const line = { product_id: PRODUCT, quantity: 2 };
  expect((await ask("POST", `/cart/${user_id}/items`, { cookie }, line)).status).toBe(200);
  expect((await ask("GET", `/cart/${user_id}`, { "x-cart-token": cart_token })).body.total).toBe(10);

  const alice = await bearer();
  for (let at = 0; at < 2; at++) {
    const merged = await ask("POST", "/cart/alice/merge", { ...alice, cookie });
    expect(merged).toMatchObject({ status: 200, body: { user_id: "alice", total: 10 } });
    expect(merged.headers.get("set-cookie")).toMatch(/^__Host-cart=; Path=\/; Max-Age=0;/);
  }
  expect((await ask("GET", `/cart/${user_id}`, { cookie })).body.items).toEqual([]);
});

test("nobody takes a cart to somebody else, or without its token", async () => {
  const { body } = await ask("POST", "/guests", {});
  const token = { "x-cart-token": body.cart_token };
  expect(
    (await ask("POST", "/cart/alice/merge", { ...(await bearer({ sub: "bob" })), ...token })).status,
  ).toBe(404);
  expect((await ask("POST", "/cart/alice/merge", token)).status).toBe(404);
  expect((await ask("POST", "/cart/alice/merge", await bearer())).status).toBe(400);
  const forged = { "x-cart-token": `${body.cart_token.slice(0, -3)}AAA` };
  expect((await ask("POST", "/cart/alice/merge", { ...(await bearer()), ...forged })).status).toBe(400);
});
