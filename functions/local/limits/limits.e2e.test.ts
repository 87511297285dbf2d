import { beforeAll, expect, test, vi } from "vitest";
import { NO_HURRY } from "../../../loadtest/harness/no-hurry.ts";
import { type Launcher, launchShop } from "../../../loadtest/harness/test-shops.ts";

const PATIENCE = { timeout: 60_000, interval: 100 };
let shop: Launcher;

beforeAll(async () => {
  shop = await launchShop({ DYNAMODB_LIMITS: "aws", CATALOG_SIZE: "50", REDIS_URL: "" });
});

const call = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(shop.url + path, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Record<string, unknown>;
};

const order = async (user: string): Promise<string> => {
  await call("POST", `/cart/${user}/items`, { product_id: 7, quantity: 1 });
  const { order_id } = await call("POST", `/cart/${user}/checkout`, {});
  return String(order_id);
};

const untilFulfilled = (id: string) =>
  vi.waitFor(
    async () => expect(await call("GET", `/orders/${id}`)).toMatchObject({ status: "fulfilled" }),
    PATIENCE,
  );

interface Limits {
  readonly rules: readonly string[];
  readonly resources: Readonly<Record<string, { readonly write_units: number }>>;
  readonly bill: { readonly usd: number };
}

const limits = async (): Promise<Limits> => (await call("GET", "/stats")).dynamodb_limits as Limits;

test("an order goes its whole way under the limits, and /stats shows what it took", async () => {
  await untilFulfilled(await order("ann"));
  const { rules, resources, bill } = await limits();
  expect(rules).toContain("transactions");
  // The order, charged, confirmed and fulfilled: prepared and committed each time it is in a transaction.
  expect(resources["stampede-orders"]?.write_units).toBeGreaterThanOrEqual(5);
  expect(resources["stampede-orders/unfinished"]?.write_units).toBeGreaterThanOrEqual(2);
  expect(bill.usd).toBeGreaterThan(0);
});

/** Write units by table and index. */
const unitsAt = async (url: string): Promise<Record<string, number>> => {
  const { dynamodb_limits } = (await (await fetch(`${url}/stats`)).json()) as { dynamodb_limits: Limits };
  return Object.fromEntries(
    Object.entries(dynamodb_limits.resources).map(([name, { write_units }]) => [name, write_units]),
  );
};

test("one order of one line takes the 18 write units that docs/deploy.md counts on", async () => {
  // Without tails and repeated records: an attempt made twice is paid twice.
  const calm = await launchShop({ ...NO_HURRY, DYNAMODB_LIMITS: "units", CATALOG_SIZE: "50", REDIS_URL: "" });
  await calm.client.post("/cart/cyd/items", { product_id: 7, quantity: 1 });
  const before = await unitsAt(calm.url);
  const headers = { "content-type": "application/json", "idempotency-key": "cyd-1" };
  const checkout = await fetch(`${calm.url}/cart/cyd/checkout`, { method: "POST", headers, body: "{}" });
  expect(checkout.status).toBe(201);
  const taken = async (): Promise<Record<string, number>> => {
    const now = Object.entries(await unitsAt(calm.url));
    const grown = now.map(([name, units]) => [name, units - (before[name] ?? 0)] as const);
    return Object.fromEntries(grown.filter(([, units]) => units > 0));
  };
  await vi.waitFor(
    async () =>
      expect(await taken()).toEqual({
        "stampede-orders": 5,
        // Placed, moved by the confirmation (out and in), and taken out when fulfilled.
        "stampede-orders/unfinished": 4,
        "stampede-orders/userOrders": 1,
        "stampede-carts": 2,
        "stampede-stock": 4,
        "stampede-idempotency": 2,
        // Of the simulated payment processor.
        "stampede-charges": 1,
      }),
    PATIENCE,
  );
});

test("a layer that was killed is started again, and the shop goes on", async () => {
  const limitsPid = async () => (await shop.readServices()).limits?.pid ?? 0;
  const pid = await limitsPid();
  process.kill(pid, "SIGKILL");
  await vi.waitFor(async () => expect(await limitsPid()).not.toBe(pid), PATIENCE);
  await vi.waitFor(async () => expect((await limits()).rules).toContain("units"), PATIENCE);
  await untilFulfilled(await order("bob"));
});
