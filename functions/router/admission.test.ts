import { expect, test } from "vitest";
import { LIMITER_SETTINGS } from "../../core/resilience/limiter.ts";
import { theShop } from "../../core/shop.ts";
import { startServer } from "../testing/http.ts";

const { url } = startServer();
const { limiter } = theShop().resilience;

/** Fills the process up to a share of its limit, as requests in flight would. */
const fill = (share: number): (() => void) => {
  let admitted = 0;
  while (limiter.admit(share)) admitted += 1;
  return () => {
    while (admitted-- > 0) limiter.release("test", undefined);
  };
};

test("a full process refuses by importance, at once and with word when to come back", async () => {
  const empty = fill(0.8);
  const [search, product, cart] = await Promise.all(
    ["/products/search?q=a", "/products/1", "/cart/ann"].map((path) => fetch(url + path)),
  );
  expect([search?.status, product?.status]).toEqual([503, 503]);
  expect(search?.headers.get("retry-after")).toBe("1");
  expect(await product?.json()).toMatchObject({ error: "OVERLOADED", retryable: true });
  expect(cart?.status).toBe(200);
  empty();
  expect((await fetch(`${url}/products/1`)).status).toBe(404);
});

test("a process filled to the brim still answers what operators and load balancers ask", async () => {
  const empty = fill(1);
  for (const path of ["/health", "/cache", "/resilience/circuit-breakers", "/stats"]) {
    expect((await fetch(url + path)).status, path).toBe(200);
  }
  const checkout = await fetch(`${url}/cart/ann/checkout`, { method: "POST" });
  expect(checkout.status).toBe(503);
  empty();
  expect(limiter.stats().in_flight).toBe(0);
  expect(limiter.stats().limit).toBeGreaterThanOrEqual(LIMITER_SETTINGS.min);
});
