import { expect, test, vi } from "vitest";
import { startShopBehindProxy, TRANSACTION } from "./shop-behind-proxy.ts";

test("a checkout that was written just before the database is killed is made once, though its token is gone", async () => {
  // Without breakers: how many calls fail before the database is back depends on the machine.
  const shop = await startShopBehindProxy({ RESILIENCE: "retries" });
  const { engine, proxy, client, add, cartOf, ordersOf } = shop;
  await add("ann");
  proxy.arm("cut", TRANSACTION, engine.killAndRestart);
  const answer = await client.post("/cart/ann/checkout", {});
  expect(answer).toMatchObject({ status: 201, body: { order: { status: "confirmed" } } });
  await vi.waitFor(async () => {
    expect(await ordersOf("ann")).toMatchObject([{ order_id: answer.body.order_id, status: "fulfilled" }]);
  }, 60_000);
  expect(await cartOf("ann")).toMatchObject({ quantities: {}, version: 2 });
});
