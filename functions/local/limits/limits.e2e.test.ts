import { beforeAll, expect, test, vi } from "vitest";
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

test("a layer that was killed is started again, and the shop goes on", async () => {
  const limitsPid = async () => (await shop.readServices()).limits?.pid ?? 0;
  const pid = await limitsPid();
  process.kill(pid, "SIGKILL");
  await vi.waitFor(async () => expect(await limitsPid()).not.toBe(pid), PATIENCE);
  await vi.waitFor(async () => expect((await limits()).rules).toContain("units"), PATIENCE);
  await untilFulfilled(await order("bob"));
});
