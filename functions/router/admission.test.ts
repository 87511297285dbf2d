import { expect, test, vi } from "vitest";
import { LIMITER_SETTINGS } from "../../core/resilience/limiter.ts";
import { theShop } from "../../core/shop.ts";
import { lifecycle } from "../operations/lifecycle.ts";
import { startServer } from "../testing/http.ts";

const POST = { method: "POST" };
const { url } = startServer();
const { limiter } = theShop().resilience;

/** Fills the process up to a share of its limit, as requests in flight would: of other kinds, or of one. */
const fill = (share: number, name = "others", guaranteed = 0): (() => void) => {
  const kind = { name, share, guaranteed };
  let admitted = 0;
  while (limiter.admit(kind)) admitted += 1;
  return () => {
    while (admitted-- > 0) limiter.release(kind, "test", undefined);
  };
};

test("a full process refuses by importance, at once and with word when to come back", async () => {
  const emptyOthers = fill(0.8);
  const empty = fill(0.75, "browse", 0.2);
  const [search, product, cart] = await Promise.all(
    ["/products/search?q=a", "/products/1", "/cart/ann"].map((path) => fetch(url + path)),
  );
  expect([search?.status, product?.status]).toEqual([503, 503]);
  expect(search?.headers.get("retry-after")).toBe("1");
  const id = product?.headers.get("x-request-id");
  expect(await product?.json()).toEqual({
    error: "OVERLOADED",
    message: expect.any(String),
    request_id: id,
    retryable: true,
  });
  expect(cart?.status).toBe(200);
  empty();
  expect((await fetch(`${url}/products/1`)).status).toBe(404); // Of its own share.
  emptyOthers();
  expect((await fetch(`${url}/products/1`)).status).toBe(404);
});

test("a process filled to the brim still answers what operators and load balancers ask", async () => {
  const empty = [fill(1), fill(1, "checkout", 0.3)];
  for (const path of ["/health", "/cache", "/resilience/circuit-breakers", "/stats"]) {
    expect((await fetch(url + path)).status, path).toBe(200);
  }
  const checkout = await fetch(`${url}/cart/ann/checkout`, { method: "POST" });
  expect(checkout.status).toBe(503);
  for (const leave of empty) leave();
  expect(limiter.stats().in_flight).toBe(0);
  expect(limiter.stats().limit).toBeGreaterThanOrEqual(LIMITER_SETTINGS.min);
});

test("a process that is full while it drains closes the connections on which it refuses", async () => {
  const { url: leaving, drain } = startServer();
  const empty = [fill(1), fill(1, "browse", 0.2)];
  const draining = drain(1_000, 200);
  const full = await fetch(`${leaving}/products/1`);
  expect([full.status, full.headers.get("connection")]).toEqual([503, "close"]);
  expect(await full.json()).toMatchObject({ error: "OVERLOADED" });
  await draining;
  for (const leave of empty) leave();
  lifecycle.isDraining = false;
});

test("while calls of storage queue up, nothing is begun that would queue too", async () => {
  const waiting = vi.spyOn(theShop().db, "busyFor");
  const statuses = async () => {
    const asked = [
      fetch(`${url}/products/1`),
      fetch(`${url}/cart/ann`),
      fetch(`${url}/cart/ann/checkout`, POST),
    ];
    return (await Promise.all(asked)).map(({ status }) => status);
  };
  expect(await statuses()).toEqual([404, 200, 400]);
  waiting.mockReturnValue(150);
  expect(await statuses()).toEqual([404, 503, 400]);
  waiting.mockReturnValue(400);
  expect(await statuses()).toEqual([404, 503, 503]);
  waiting.mockRestore();
});
