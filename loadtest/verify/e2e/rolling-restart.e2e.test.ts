import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { type Balancer, openBalancer } from "../../harness/balancer.ts";
import { endPolitely } from "../../harness/end-politely.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { startEngine, startRedisIfInstalled } from "../../harness/engine-and-redis.ts";
import { NO_HURRY_TO_PAY } from "../../harness/no-hurry.ts";
import { detailsOf } from "../../harness/product-details.ts";
import { type Answer, clientOf } from "../../harness/shop-client.ts";
import { type ShopProcess, startShop } from "../../harness/shop-process.ts";

const PRODUCTS = [1, 2, 3, 4, 5, 6, 7, 8];
const CUSTOMERS = 8;
/** The balancer looks every 50 ms; this leaves room for a machine that is busy. */
const NOTICE_MS = 3_000;

/** Answers by what they were: all that a customer must never see goes to `failures`. */
interface Traffic {
  readonly failures: string[];
  answered: number;
  ordered: number;
}

test("two processes are replaced one after the other, and no customer notices", async () => {
  const balancer = await openBalancer();
  const start = await sharedServices();
  const fleet = [await start("a"), await start("b")];
  const route = () => balancer.setTargets(fleet.map(({ url }) => url));
  route();
  await untilHealthy(balancer, 2);
  const client = clientOf(balancer.url);
  for (const id of PRODUCTS) {
    expect((await client.post(`/products/${id}/details`, detailsOf(id, { price: 5 }))).status).toBe(204);
    expect((await client.put(`/products/${id}/stock`, { available: 1_000_000 })).status).toBe(200);
  }

  const traffic: Traffic = { failures: [], answered: 0, ordered: 0 };
  let isOpen = true;
  const customers = Array.from({ length: CUSTOMERS }, (_, i) =>
    shopUntil(client, `roller-${i}`, traffic, () => !isOpen),
  );
  const answeredDuring: number[] = [];
  for (const [slot, name] of [
    [0, "a"],
    [1, "b"],
  ] as const) {
    const before = traffic.answered;
    fleet[slot]?.kill("SIGTERM");
    expect(await fleet[slot]?.exited).toBe(0);
    fleet[slot] = await start(name);
    route();
    await untilHealthy(balancer, 2);
    answeredDuring.push(traffic.answered - before);
  }
  await Bun.sleep(500);
  isOpen = false;
  await Promise.all(customers);

  expect(traffic.failures).toEqual([]);
  expect(Math.min(...answeredDuring)).toBeGreaterThan(10);
  expect(traffic.ordered).toBeGreaterThan(5);
  console.info(`${traffic.answered} requests, ${traffic.ordered} orders through two restarts, 0 failed`);
}, 180_000);

const untilHealthy = (balancer: Balancer, processes: number) =>
  vi.waitFor(() => expect(balancer.healthy()).toHaveLength(processes), { timeout: 60_000, interval: 20 });

/** A database and a Redis that outlive the processes which share them. */
const sharedServices = async (): Promise<(name: string) => Promise<ShopProcess>> => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-rolling-"));
  endWithTests(() => rm(dir, { recursive: true, force: true }));
  const engine = await startEngine(join(dir, "engine.db"));
  endWithTests(engine.stop);
  const redis = await startRedisIfInstalled(dir);
  if (redis) endWithTests(redis.stop);
  const shops: ShopProcess[] = [];
  // At once: each waits first until a balancer would have noticed.
  endWithTests(() => Promise.all(shops.map((shop) => endPolitely(shop))));
  return async (name) => {
    const shop = await startShop({
      LOG_LEVEL: "WARN",
      // Delays of a busy machine are no matter of restarts.
      ...NO_HURRY_TO_PAY,
      DATA_DIR: join(dir, name),
      DYNAMODB_ENDPOINT: `http://127.0.0.1:${engine.port}`,
      DRAIN_NOTICE_MS: String(NOTICE_MS),
      ...(redis && { REDIS_URL: `redis://127.0.0.1:${redis.port}` }),
    });
    shops.push(shop);
    return shop;
  };
};

/** One customer after the other in one place: looks, fills a cart, pays. */
const shopUntil = async (
  client: ReturnType<typeof clientOf>,
  name: string,
  traffic: Traffic,
  isClosed: () => boolean,
): Promise<void> => {
  const expecting = async (status: number, what: string, asking: Promise<Answer>): Promise<void> => {
    const answer = await asking.catch((error) => ({ status: 0, body: { message: String(error) } }));
    traffic.answered += 1;
    if (answer.status !== status) {
      traffic.failures.push(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
  };
  for (let visit = 0; !isClosed(); visit++) {
    const user = `${name}-${visit}`;
    const product_id = PRODUCTS[visit % PRODUCTS.length];
    await expecting(200, "read", client.get(`/products/${product_id}`));
    await expecting(200, "add", client.post(`/cart/${user}/items`, { product_id, quantity: 1 }));
    await expecting(201, "checkout", client.post(`/cart/${user}/checkout`));
    traffic.ordered += 1;
    await Bun.sleep(10);
  }
};
