import { beforeAll, expect, test, vi } from "vitest";
import { addToCart } from "../../core/cart/cart.ts";
import { checkout } from "../../core/order/checkout.ts";
import { stockedProduct } from "../../core/testing/fixtures.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { startServer } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";

let url: string;
let product_id: number;
beforeAll(async () => {
  const server = startServer();
  endWithTests(() => server.drain(1_000));
  url = server.url;
  product_id = await stockedProduct(testShop(), 100);
});

const see = async (user: string) => {
  const response = await fetch(`${url}/cart/${user}`);
  return {
    status: response.status,
    cacheStatus: response.headers.get("cache-status"),
    retryAfter: response.headers.get("retry-after"),
    body: (await response.json()) as { items: unknown },
  };
};
const breakDatabase = (isBroken: boolean): void => {
  const { resilience, now } = testShop();
  const fault = { failureRate: 1, latencyMs: 0, kind: "error", expiresAt: now() + 60_000 } as const;
  resilience.faults.set("dynamodb", isBroken ? fault : undefined);
};

test("while storage is away a user sees the last cart, marked as stale; a stranger gets 503 with Retry-After", async () => {
  await addToCart(testShop(), "known", { product_id, quantity: 2 });
  await vi.waitFor(async () => {
    expect(await see("known")).toMatchObject({ status: 200, cacheStatus: null });
  }, 30_000);
  await addToCart(testShop(), "known", { product_id, quantity: 1 });
  breakDatabase(true);
  // With the circuit closed, when every attempt fails, as well as with the circuit open.
  for (let isOpen = false; !isOpen; ) {
    isOpen = testShop().resilience.circuits.dynamodb.state() === "open";
    expect(await see("known")).toMatchObject({
      status: 200,
      cacheStatus: "Stampede; hit; detail=stale-if-error",
      body: { items: [{ product_id, quantity: 3 }] },
    });
  }
  expect(await see("stranger")).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^[1-9]/) });
  breakDatabase(false);
  await vi.waitFor(async () => {
    expect(await see("known")).toMatchObject({ status: 200, cacheStatus: null });
  }, 30_000);
});

test("a cart that was ordered is not shown again", async () => {
  await addToCart(testShop(), "buyer", { product_id, quantity: 1 });
  await checkout(testShop(), { userId: "buyer", paymentMethod: "pm_card_visa" });
  breakDatabase(true);
  expect(await see("buyer")).toMatchObject({ status: 503 });
  breakDatabase(false);
});
