import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ChildService } from "../../harness/child-service.ts";
import { startEngine } from "../../harness/engine-and-redis.ts";
import { NO_HURRY_TO_PAY } from "../../harness/no-hurry.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { type ShopProcess, startShop } from "../../harness/shop-process.ts";
import { readState, type State } from "../checker/state.ts";
import { type FaultProxy, openProxy } from "./fault-proxy.ts";

const PRODUCT = 1;
const PIECES = 1_000;
const CART_UPDATE = /DynamoDB_20120810\.UpdateItem[\s\S]*"stampede-carts"/;
const TRANSACTION = /DynamoDB_20120810\.TransactWriteItems/;

let dir: string;
let engine: ChildService;
let proxy: FaultProxy;
let shop: ShopProcess;
let client: ReturnType<typeof clientOf>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "stampede-proxy-"));
  engine = await startEngine(join(dir, "engine.db"));
  proxy = await openProxy({ to: engine.port, keepsRequests: true });
  shop = await startShop({
    DATA_DIR: dir,
    DYNAMODB_ENDPOINT: `http://127.0.0.1:${proxy.port}`,
    LOG_LEVEL: "WARN",
    ...NO_HURRY_TO_PAY, // A slow answer of a busy machine is not a lost one.
  });
  client = clientOf(shop.url);
  const details = { product_id: PRODUCT, sku: "S", manufacturer: "M", category_id: 1, weight: 1, price: 5 };
  await client.post(`/products/${PRODUCT}/details`, { ...details, some_other_id: 1 });
  await client.put(`/products/${PRODUCT}/stock`, { available: PIECES });
});
afterAll(async () => {
  // In good order, because it has started a Redis of its own.
  shop?.kill("SIGTERM");
  await shop?.exited;
  await proxy?.close();
  await engine?.stop();
  await rm(dir, { recursive: true, force: true });
});

const add = (user: string) => client.post(`/cart/${user}/items`, { product_id: PRODUCT, quantity: 1 });
const stored = (): Promise<State> => readState(`http://127.0.0.1:${engine.port}`);
const cartOf = async (user: string) => (await stored()).carts.find(({ user_id }) => user_id === user);
const ordersOf = async (user: string) => (await stored()).orders.filter(({ user_id }) => user_id === user);

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

test("a checkout whose transaction commits just before the database is killed is made once, though its token is gone", async () => {
  const user = "buyer-killed";
  await add(user);
  proxy.arm("cut", TRANSACTION, engine.killAndRestart);
  const answer = await client.post(`/cart/${user}/checkout`, {});
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
