import { expect, test, vi } from "vitest";
import { LIMITER_SETTINGS } from "../../core/resilience/limiter.ts";
import { theShop } from "../../core/shop.ts";
import { jsonResult } from "../middleware/result.ts";
import { lifecycle } from "../operations/lifecycle.ts";
import { bareEndpoint, startServer } from "../testing/http.ts";
import { ROUTES } from "./routes.ts";

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

/** Ten milliseconds of the process's time for each answer. */
const costly = (answered: string[]) =>
  bareEndpoint(
    "GET",
    "/costly",
    async () => {
      for (const end = performance.now() + 10; performance.now() < end; );
      answered.push("costly");
      return jsonResult(200, {});
    },
    "Products",
  );

test("what comes at once is begun in turns, and who pays goes before those who look", async () => {
  const answered: string[] = [];
  const { url: busy, drain } = startServer([costly(answered), ...ROUTES]);
  const looking = Array.from({ length: 15 }, () => fetch(`${busy}/costly`));
  const paying = fetch(`${busy}/cart/ann/checkout`, POST).then(({ status }) => answered.push(`${status}`));
  const statuses = (await Promise.all(looking)).map(({ status }) => status);
  await paying;
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(answered.indexOf("400")).toBeLessThan(10); // Its cart is empty, which it was told before most others.
  await drain(1_000);
  lifecycle.isDraining = false;
});

test("under more than it can do, a process refuses those who look, and never those who pay", async () => {
  const answered: string[] = [];
  const { url: busy, drain } = startServer([costly(answered), ...ROUTES]);
  const looking: Promise<Response>[] = [];
  const paying: Promise<Response>[] = [];
  for (let i = 0; i < 60; i++) {
    looking.push(fetch(`${busy}/costly`), fetch(`${busy}/costly`));
    if (i % 10 === 0) paying.push(fetch(`${busy}/cart/ann/checkout`, POST));
    await Bun.sleep(10);
  }
  const statusesOf = async (asked: Promise<Response>[]) =>
    (await Promise.all(asked)).map(({ status }) => status);
  const looked = await statusesOf(looking);
  expect(looked.filter((status) => status === 200).length).toBeGreaterThan(30);
  expect(looked.filter((status) => status === 503).length).toBeGreaterThan(10);
  expect(new Set(await statusesOf(paying))).toEqual(new Set([400]));
  await drain(1_000);
  lifecycle.isDraining = false;
});
