import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ChildService } from "../../harness/child-service.ts";
import { startEngine } from "../../harness/engine-and-redis.ts";
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
  "an addition whose answer is lost (%s) is applied once and called unknown",
  async (kind) => {
    const user = `adder-${kind}`;
    // Connections that were used before: an HTTP client may think that only those are safe to use again.
    await Promise.all(Array.from({ length: 4 }, () => add(user)));
    const before = proxy.count(CART_UPDATE);
    proxy.arm(kind, CART_UPDATE);
    const answer = await add(user);
    expect(proxy.count(CART_UPDATE) - before).toBe(1);
    expect(await cartOf(user)).toMatchObject({ quantities: { [PRODUCT]: 5 }, version: 5 });
    expect(answer).toMatchObject({ status: 503, body: { error: "STORAGE_UNAVAILABLE" } });
    expect(answer.body.message).toMatch(/whether a write arrived is not known/);
  },
);

test("the same for the first addition to a cart, and on a fresh connection", async () => {
  proxy.arm("cut", CART_UPDATE);
  const { status } = await add("newcomer");
  // A new cart takes two updates: the first finds none, and its loss changes nothing.
  expect(status).toBe(503);
  const cart = await cartOf("newcomer");
  expect(cart?.version ?? 0).toBeLessThanOrEqual(1);
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
  }, 10_000);
  expect(await cartOf(user)).toMatchObject({ quantities: {}, version: 2 });
});

test("a confirmation that is committed and whose answer is cut leaves an order that is paid once", async () => {
  const user = "confirmed";
  await add(user);
  proxy.arm("cut", /DynamoDB_20120810\.UpdateItem[\s\S]*"stampede-orders"/);
  const ask = () => client.post(`/cart/${user}/checkout`, {}, { "idempotency-key": "one" });
  const first = await ask();
  // Whether it was confirmed is not known to the shop; that it was placed is.
  expect(first).toMatchObject({ status: 202, body: { order: { status: "pending_payment" } } });
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
