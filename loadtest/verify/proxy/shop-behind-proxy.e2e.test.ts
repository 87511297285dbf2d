import { beforeAll, expect, test, vi } from "vitest";
import { PRODUCT, type ShopBehindProxy, startShopBehindProxy, TRANSACTION } from "./shop-behind-proxy.ts";

const CART_UPDATE = /DynamoDB_20120810\.UpdateItem[\s\S]*"stampede-carts"/;

let { proxy, client, stored, add, cartOf, ordersOf } = {} as ShopBehindProxy;
beforeAll(async () => {
  ({ proxy, client, stored, add, cartOf, ordersOf } = await startShopBehindProxy());
});

test.for(["cut", "hangup", "half"] as const)(
  "an addition whose answer is lost (%s) is sent again and applied once",
  async (kind) => {
    const user = `adder-${kind}`;
    // Connections that were used before: an HTTP client may think that only those are safe to use again.
    await Promise.all(Array.from({ length: 4 }, () => add(user)));
    const before = proxy.count(CART_UPDATE);
    proxy.arm(kind, CART_UPDATE);
    const answer = await add(user);
    expect(proxy.count(CART_UPDATE) - before).toBe(2);
    expect(await cartOf(user)).toMatchObject({ quantities: { [PRODUCT]: 5 }, version: 5 });
    expect(answer).toMatchObject({ status: 200, body: { items: [{ quantity: 5 }], version: 5 } });
  },
);

test("the same for the first addition to a cart, and for what replaces or removes a line", async () => {
  proxy.arm("cut", /DynamoDB_20120810\.UpdateItem[\s\S]*"SET quantities = :quantities/);
  expect(await add("newcomer")).toMatchObject({ status: 200, body: { version: 1 } });
  proxy.arm("cut", CART_UPDATE);
  expect(await client.put(`/cart/newcomer/items/${PRODUCT}`, { quantity: 3 })).toMatchObject({
    status: 200,
    body: { items: [{ quantity: 3 }], version: 2 },
  });
  proxy.arm("cut", CART_UPDATE);
  // Made again it finds no line any more: the cart tells that it was this very removal.
  expect(await client.put(`/cart/newcomer/items/${PRODUCT}`, { quantity: 0 })).toMatchObject({
    status: 200,
    body: { items: [], version: 3 },
  });
});

test("additions that run side by side while answers are lost count once each", async () => {
  const user = "household";
  proxy.set({ cut: 0.2 });
  const statuses: number[] = [];
  const member = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) statuses.push((await add(user)).status);
  };
  await Promise.all([member(), member(), member()]);
  proxy.set({});
  const added = statuses.filter((status) => status === 200).length;
  const unknown = statuses.filter((status) => status === 503).length;
  expect(added + unknown).toBe(150);
  // Whether a change was made that a later one has overtaken in its slot, the cart no longer tells.
  expect(added).toBeGreaterThan(120);
  const { quantities = {} } = (await cartOf(user)) ?? {};
  expect(quantities[PRODUCT]).toBeGreaterThanOrEqual(added);
  expect(quantities[PRODUCT]).toBeLessThanOrEqual(150);
});

test.for([
  { key: "one", name: "with an idempotency key" },
  { key: undefined, name: "without a key" },
])("a checkout whose transaction commits and whose answer is cut is made once, $name", async ({ key }) => {
  const user = `buyer-${key}`;
  await add(user);
  proxy.arm("cut", TRANSACTION);
  const answer = await client.post(`/cart/${user}/checkout`, {}, key ? { "idempotency-key": key } : {});
  // The transaction is repeated under its own token, which DynamoDB knows.
  expect(answer).toMatchObject({ status: 201, body: { order: { status: "confirmed" } } });
  await vi.waitFor(async () => {
    expect(await ordersOf(user)).toMatchObject([{ order_id: answer.body.order_id, status: "fulfilled" }]);
  }, 60_000);
  expect(await cartOf(user)).toMatchObject({ quantities: {}, version: 2 });
});

test("a confirmation that is committed and whose answer is cut leaves an order that is paid once", async () => {
  const user = "confirmed";
  await add(user);
  proxy.arm("cut", /DynamoDB_20120810\.UpdateItem[\s\S]*"stampede-orders"/);
  const ask = () => client.post(`/cart/${user}/checkout`, {}, { "idempotency-key": "one" });
  // The confirmation is sent again and refused, since the order is confirmed: the answer is the order's own.
  const first = await ask();
  expect(first).toMatchObject({ status: 201, body: { order: { status: "confirmed" } } });
  const [order] = await ordersOf(user);
  expect(first.body.order_id).toBe(order?.order_id);
  expect(await ask()).toMatchObject({
    status: 201,
    body: { order_id: order?.order_id },
  });
  const { charges } = await stored();
  expect(charges.filter(({ charge_key }) => charge_key === order?.order_id)).toMatchObject([
    { outcome: "approved", amount_cents: 500 },
  ]);
});
