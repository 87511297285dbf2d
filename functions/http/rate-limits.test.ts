import { expect, test } from "vitest";
import { openShop } from "../../core/testing/open-shop.ts";
import { patientConfig } from "../../core/testing/patient-config.ts";
import { startServer } from "../testing/http.ts";
import { API_KEYS, bearer, requireCredentials } from "../testing/identities.ts";
import { ENDPOINTS } from "./endpoints.ts";

requireCredentials();
Object.assign(process.env, {
  TRUSTED_HOPS: "1",
  RATE_LIMIT_PER_MINUTE: "60",
  RATE_LIMIT_SEARCH_PER_MINUTE: "18",
  RATE_LIMIT_CHECKOUT_PER_MINUTE: "12",
  RATE_LIMIT_FAILURES_PER_MINUTE: "24",
});
// Time stands still, so that nothing comes back while a slow machine asks.
const startedAt = Date.now();
process.env.PORT = "0";
const shop = openShop(patientConfig(), () => startedAt);
const { url } = startServer(ENDPOINTS, {}, () => shop);

type Headers = Readonly<Record<string, string>>;
let addresses = 0;
const newAddress = (): Headers => ({ "x-forwarded-for": `6.6.6.6, 203.0.113.${++addresses}` });

const ask = (path: string, headers: Headers, method = "GET") => fetch(url + path, { method, headers });

/** The statuses of a number of requests, counted. */
const statuses = async (count: number, path: string, headers: Headers, method?: string) => {
  const counts: Record<number, number> = {};
  for (let at = 0; at < count; at++) {
    const { status } = await ask(path, headers, method);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
};

test("an address that asks for more than its limit is refused, and others are not", async () => {
  const [abuser, other] = [newAddress(), newAddress()];
  const counts = await statuses(40, "/openapi.json", abuser);
  expect(counts).toEqual({ 200: 10, 429: 30 });
  expect((await ask("/openapi.json", other)).status).toBe(200);
  // An entry of its own in the header makes it nobody else.
  const forged = { "x-forwarded-for": `198.51.100.7, ${abuser["x-forwarded-for"]}` };
  expect((await ask("/openapi.json", forged)).status).toBe(429);
});

test("a refusal tells when to come back, and each answer what is left", async () => {
  const address = newAddress();
  const first = await ask("/openapi.json", address);
  expect(first.headers.get("ratelimit-policy")).toBe('"default";q=10;w=10');
  expect(first.headers.get("ratelimit")).toBe('"default";r=9;t=1');
  await statuses(12, "/openapi.json", address);
  const refused = await ask("/openapi.json", address);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.headers.get("ratelimit")).toBe('"default";r=0;t=10');
  expect(await refused.json()).toMatchObject({ error: "RATE_LIMITED", retryable: true });
});

test.each(["/nowhere", "/docs", "/docs/page.css", "/", "/products/1", "/products/x"])(
  "%s is limited as well",
  async (path) => {
    expect((await statuses(30, path, newAddress()))[429]).toBeGreaterThan(10);
  },
);

test("searches and checkouts have limits of their own", async () => {
  const user = { ...newAddress(), ...(await bearer({ sub: "carol" })) };
  expect((await statuses(10, "/products/search?q=oak", user))[429]).toBeGreaterThanOrEqual(6);
  expect((await statuses(10, "/cart/carol/checkout", user, "POST"))[429]).toBeGreaterThanOrEqual(6);
  expect((await ask("/cart/carol", user)).status).toBe(200);
});

test("users are limited by who they are, not by their address", async () => {
  const address = newAddress();
  const [dave, erin] = [await bearer({ sub: "dave" }), await bearer({ sub: "erin" })];
  expect((await statuses(30, "/cart/dave", { ...address, ...dave }))[429]).toBeGreaterThan(10);
  expect((await ask("/cart/erin", { ...address, ...erin })).status).toBe(200);
  expect((await ask("/cart/dave", { ...newAddress(), ...dave })).status).toBe(429);
});

test("guests are limited by their address: a new identity is free", async () => {
  const address = newAddress();
  const guest = () => ({ ...address, "x-cart-token": shop.access.cartTokens?.issue().token ?? "" });
  let refused = 0;
  for (let at = 0; at < 30; at++) if ((await ask("/openapi.json", guest())).status === 429) refused += 1;
  expect(refused).toBeGreaterThan(10);
});

test("a guesser of credentials is refused before they are verified, and its neighbours' known tokens are not", async () => {
  const address = newAddress();
  const known = { ...address, ...(await bearer({ sub: "frank" })) };
  expect((await ask("/cart/frank", known)).status).toBe(200);
  const counts = await statuses(20, "/openapi.json", { ...address, authorization: "Bearer a.b.c" });
  expect(counts[401]).toBeGreaterThanOrEqual(4);
  expect(counts[429]).toBeGreaterThan(10);
  expect((await ask("/cart/frank", known)).status).toBe(200);
});

test("the lab's key and the load balancer's probe are not limited", async () => {
  const address = newAddress();
  expect(await statuses(40, "/openapi.json", { ...address, "x-api-key": API_KEYS.lab })).toEqual({ 200: 40 });
  expect(await statuses(40, "/health", newAddress())).toEqual({ 200: 40 });
});
