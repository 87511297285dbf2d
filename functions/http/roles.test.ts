import { beforeAll, expect, test } from "vitest";
import { addToCart } from "../../core/cart/cart.ts";
import { putProduct } from "../../core/catalog/catalog.ts";
import { checkout } from "../../core/order/checkout.ts";
import { setStock } from "../../core/stock/stock.ts";
import { ROUTES } from "../routes.ts";
import { rawRequest, startServer } from "../testing/http.ts";
import { API_KEYS, bearer, requireCredentials } from "../testing/identities.ts";
import { testShop } from "../testing/test-shop.ts";

requireCredentials();
process.env.RATE_LIMITS = "off";
const { url } = startServer();
const shop = testShop();
const PRODUCT = 4_711;

type Headers = Readonly<Record<string, string>>;
let owner: { userId: string; orderId: string };
let guest: { userId: string; orderId: string; token: string };

const order = async (userId: string): Promise<string> => {
  await addToCart(shop, userId, { product_id: PRODUCT, quantity: 1 });
  const placed = await checkout(shop, { userId, paymentMethod: "pm_card_visa", idempotencyKey: undefined });
  await addToCart(shop, userId, { product_id: PRODUCT, quantity: 1 });
  return placed.order.order_id;
};

beforeAll(async () => {
  const details = { sku: "SKU", manufacturer: "Northwind", category_id: 1, weight: 1, some_other_id: 1 };
  await putProduct(shop, { product_id: PRODUCT, ...details, price: 19.99 });
  await setStock(shop, PRODUCT, { available: 100_000 });
  owner = { userId: "alice", orderId: await order("alice") };
  const { userId, token } = shop.access.cartTokens?.issue() ?? { userId: "", token: "" };
  guest = { userId, token, orderId: await order(userId) };
});

/** The path of a route, with the owner's own ids in it. */
const pathOf = (key: string, { userId, orderId }: { userId: string; orderId: string }): string => {
  const path = key
    .slice(key.indexOf(" ") + 1)
    .replace("{userId}", userId)
    .replace("{orderId}", orderId)
    .replace("{productId}", String(PRODUCT))
    .replace("{service}", "payment")
    .replace("{asset}", "page.css");
  return key === "GET /orders" ? `${path}?user_id=${userId}` : path;
};

const ask = async (key: string, path: string, headers: Headers) => {
  const method = key.slice(0, key.indexOf(" "));
  const response = await fetch(url + path, {
    method,
    headers: { ...headers, ...(method !== "GET" && { "content-type": "application/json" }) },
    // Valid for no route: a request that reaches its handler is refused there, and changes nothing.
    ...(method !== "GET" && { body: "[]" }),
  });
  const { error } = (await response.json().catch(() => ({}))) as { error?: string };
  return { status: response.status, error, headers: response.headers };
};

/** Whether a request was let through to its route: the body that it came with is refused there, if anything is. */
const outcome = async (key: string, path: string, headers: Headers): Promise<string> => {
  const { status, error } = await ask(key, path, headers);
  const isKeptOut = error && /^(UNAUTHENTICATED|FORBIDDEN|USER_NOT_FOUND|ORDER_NOT_FOUND)$/.test(error);
  return isKeptOut ? `${status} ${error}` : "let through";
};

const LET_THROUGH = "let through";
const MISSING = { "GET /orders/{orderId}": "404 ORDER_NOT_FOUND" } as Record<string, string>;
const hidden = (key: string): string => MISSING[key] ?? "404 USER_NOT_FOUND";

const withRole = (role: string): string[] =>
  Object.entries(ROUTES).flatMap(([key, route]) => (route.role === role ? [key] : []));

test("every route has a role, and the operations that show or change the inside are an administrator's", () => {
  for (const [key, { role }] of Object.entries(ROUTES))
    expect(["anyone", "signed", "owner", "admin"], key).toContain(role);
  const open = withRole("anyone");
  for (const key of open) expect(key).toMatch(/^GET \/(products|health|openapi|docs)|^POST \/guests$/);
  expect(withRole("signed")).toEqual(["POST /webhooks/stripe"]);
  for (const key of withRole("owner")) expect(key).toMatch(/ \/(cart|orders)\b/);
});

test.each([...withRole("anyone"), ...withRole("signed")])("%s lets everybody through", async (key) => {
  const path = pathOf(key, owner);
  expect(await outcome(key, path, {})).toBe(LET_THROUGH);
  expect(await outcome(key, path, { "x-cart-token": guest.token })).toBe(LET_THROUGH);
  expect(await outcome(key, path, await bearer())).toBe(LET_THROUGH);
  expect(await outcome(key, path, { "x-api-key": API_KEYS.plain })).toBe(LET_THROUGH);
});

test.each(withRole("owner"))(
  "%s lets its owner and an administrator through, and is missing for others",
  async (key) => {
    const path = pathOf(key, owner);
    const nobody = await ask(key, path, {});
    expect(nobody).toMatchObject({ status: 401, error: "UNAUTHENTICATED" });
    expect(nobody.headers.get("www-authenticate")).toBe('Bearer realm="stampede"');
    for (const stranger of [
      { "x-cart-token": guest.token },
      { cookie: `__Host-cart=${guest.token}` },
      await bearer({ sub: "bob" }),
      await bearer({ sub: "Alice" }),
      { "x-api-key": API_KEYS.plain },
    ] as Headers[]) {
      expect(await outcome(key, path, stranger), JSON.stringify(stranger)).toBe(hidden(key));
    }
    expect(await outcome(key, path, await bearer({ sub: "alice" }))).toBe(LET_THROUGH);
    expect(await outcome(key, path, await bearer({ sub: "root", scope: "admin" }))).toBe(LET_THROUGH);
    expect(await outcome(key, path, { "x-api-key": API_KEYS.admin })).toBe(LET_THROUGH);
    const guestPath = pathOf(key, guest);
    expect(await outcome(key, guestPath, { "x-cart-token": guest.token })).toBe(LET_THROUGH);
    expect(await outcome(key, guestPath, { cookie: `a=b; __Host-cart=${guest.token}` })).toBe(LET_THROUGH);
    expect(await outcome(key, guestPath, await bearer())).toBe(hidden(key));
  },
);

test.each(withRole("admin"))("%s lets an administrator through alone", async (key) => {
  const path = pathOf(key, owner);
  expect(await outcome(key, path, {})).toBe("401 UNAUTHENTICATED");
  for (const other of [
    { "x-cart-token": guest.token },
    await bearer(),
    await bearer({ scope: "administrator" }),
    { "x-api-key": API_KEYS.plain },
    { "x-api-key": API_KEYS.lab },
  ] as Headers[]) {
    expect(await outcome(key, path, other), JSON.stringify(other)).toBe("403 FORBIDDEN");
  }
  expect(await outcome(key, path, await bearer({ sub: "root", scope: "admin" }))).toBe(LET_THROUGH);
  expect(await outcome(key, path, { "x-api-key": API_KEYS.admin })).toBe(LET_THROUGH);
});

test.each([
  "/orders?user_id=alice&user_id=bob",
  "/orders?user_id=bob&user_id=alice",
  "/orders?user%5Fid=bob",
])("another's orders are not reached by %s", async (path) => {
  expect(await ask("GET /orders", path, await bearer())).toMatchObject({ status: 404 });
});

test.each([
  "/docs/../stats",
  "/products/..%2F..%2Fstats",
  "/cart/alice/../bob",
  "//stats",
  "/stats/",
  "/STATS",
])("the matched route decides, not the path: %s shows nothing of the inside", async (path) => {
  const answer = await rawRequest(url, `GET ${path} HTTP/1.1`, "Host: localhost");
  expect(answer).toMatch(/^HTTP\/1\.1 (400|401|404) /);
});
