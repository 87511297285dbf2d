import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { launchShop, type Shop } from "../../harness/test-shops.ts";

vi.setConfig({ testTimeout: 180_000 });
const PATIENCE = { timeout: 60_000, interval: 50 };
const TTL = { ttl_secs: 150 };

/** The shop with each of its dependencies gone, by the faults that anybody can inject. */
let shop: Shop;
const client = () => shop.client;

const simulate = (service: string, body: object) => client().post(`/resilience/simulate/${service}`, body);
const circuit = async (service: string) => (await client().get("/resilience/circuit-breakers")).body[service];

beforeAll(async () => {
  shop = await launchShop({
    LOG_LEVEL: "ERROR",
    RECOVERY_INTERVAL_MS: "200",
    CACHE_TTL_MS: "600",
    // Faults are injected: nothing else is to fail, on a slow machine either.
    REDIS_TIMEOUT_MS: "2000",
    PAYMENT_TIMEOUT_MS: "6000",
    DYNAMODB_TIMEOUT_MS: "10000",
  });
});
beforeEach(async () => {
  for (const service of ["dynamodb", "redis", "payment"]) await simulate(service, { enable: false });
  await client().post("/resilience/reset/all");
});

const AT_ONCE = 20;

/** @returns how many crowds of requests it took */
const untilOpen = async (service: string, provoke: () => Promise<unknown>): Promise<number> => {
  let crowds = 0;
  await vi.waitFor(async () => {
    crowds += 1;
    // At once, because a circuit counts the calls of a while: a slow machine makes few of them one by one.
    await Promise.all(Array.from({ length: AT_ONCE }, provoke));
    expect((await circuit(service)).state).toBe("open");
  }, PATIENCE);
  return crowds;
};

/**
 * The first answers for products in memory, past their soft lifetime and with DynamoDB gone. A busy machine may lose Redis or
 * its bus meanwhile, and nothing in memory is believed then: where the shop has counted that, all of it is done again.
 */
const readCached = async (): Promise<Awaited<ReturnType<Shop["client"]["get"]>>[]> => {
  const before = await shop.cache();
  for (let id = 1; id <= 5; id++)
    expect(await client().get(`/products/${id}`)).toMatchObject({ status: 200 });
  await simulate("dynamodb", { enable: true, ...TTL });
  expect(await untilOpen("dynamodb", () => client().get("/cart/ann"))).toBeLessThanOrEqual(60);
  await Bun.sleep(800);
  const answers = [];
  for (let id = 1; id <= 5; id++) answers.push(await client().get(`/products/${id}`));
  const { l1, l2 } = await shop.cache();
  if (l1.flushes === before.l1.flushes && l2.errors === before.l2.errors && l2.usable) return answers;
  await simulate("dynamodb", { enable: false });
  await client().post("/resilience/reset/all");
  return readCached();
};

test("DynamoDB gone: cached products go on, writes answer at once when to come back, and it closes by itself", async () => {
  // Stale is better than nothing.
  for (const [at, { status, body, headers }] of (await readCached()).entries()) {
    expect({ status, body, cache: headers.get("cache-status") }).toMatchObject({
      status: 200,
      body: { product_id: at + 1 },
      cache: expect.stringMatching(/^Stampede; hit; ttl=-?\d+/),
    });
  }
  const before = await circuit("dynamodb");
  const refused = await client().post("/cart/ann/items", { product_id: 1, quantity: 1 });
  expect(refused).toMatchObject({ status: 503, body: { error: "STORAGE_UNAVAILABLE", retryable: true } });
  expect(refused.headers.get("retry-after")).toMatch(/^[1-9]/);
  // Nothing was waited for: no call was made.
  const after = await circuit("dynamodb");
  expect(after.total_rejected).toBeGreaterThan(before.total_rejected);
  expect(after.total_requests).toBe(before.total_requests);
  expect((await client().get("/health")).body).toMatchObject({ status: "healthy", dynamodb: "down" });

  await simulate("dynamodb", { enable: false });
  await vi.waitFor(async () => expect((await client().get("/cart/ann")).status).toBe(200), PATIENCE);
  await vi.waitFor(async () => {
    await client().get("/cart/ann");
    expect((await circuit("dynamodb")).state).toBe("closed");
  }, PATIENCE);
  expect((await client().get("/cart/ann")).body.items).toEqual([]);
});

test("payment gone: 202, then refused at the door with nothing ordered, then settled", async () => {
  await simulate("payment", { enable: true, ...TTL });
  const buy = async (user: string) => {
    await client().post(`/cart/${user}/items`, { product_id: 7, quantity: 1 });
    return client().post(`/cart/${user}/checkout`);
  };
  const pending = [];
  let buyers = 0;
  let answer = await buy("payer-0");
  for (; answer.status === 202; answer = await buy(`payer-${buyers}`)) {
    pending.push(answer);
    buyers += 1;
  }
  expect(answer).toMatchObject({ status: 503 });
  expect(answer.body).toMatchObject({
    error: "PAYMENT_UNAVAILABLE",
    circuit_breaker: "open",
    retry_after_secs: expect.any(Number),
  });
  expect((await client().get(`/orders?user_id=payer-${buyers}`)).body.orders).toEqual([]);
  expect((await client().get(`/cart/payer-${buyers}`)).body.items).toHaveLength(1);

  await simulate("payment", { enable: false });
  for (const { body } of pending) {
    await vi.waitFor(
      async () => expect((await client().get(`/orders/${body.order_id}`)).body.status).toBe("fulfilled"),
      PATIENCE,
    );
  }
});

test("payment hanging: orders wait for their timeout once, then the door is closed, and no customer probes", async () => {
  await simulate("payment", { enable: true, kind: "hang", ...TTL });
  const fill = (user: string) => client().post(`/cart/${user}/items`, { product_id: 8, quantity: 1 });
  const pay = async (user: string) => (await client().post(`/cart/${user}/checkout`)).status;
  const waiters = Array.from({ length: 8 }, (_, i) => `waiter-${i}`);
  await Promise.all(waiters.map(fill));
  // All of them at the door before the circuit has anything to go by.
  expect(await Promise.all(waiters.map(pay))).toEqual(Array(8).fill(202));
  expect((await circuit("payment")).state).toBe("open");
  const statuses: number[] = [];
  for (let i = 0; i < 30; i++) {
    await fill(`late-${i}`);
    statuses.push(await pay(`late-${i}`));
    await Bun.sleep(100);
  }
  expect(new Set(statuses)).toEqual(new Set([503]));
});

test("all of them slow at once: everything is answered as ever, only later, and no circuit opens", async () => {
  await client().get("/products/9");
  await simulate("dynamodb", { enable: true, latency_ms: 100, ...TTL });
  await simulate("redis", { enable: true, latency_ms: 40, ...TTL });
  await simulate("payment", { enable: true, latency_ms: 500, ...TTL });
  const buy = async (user: string): Promise<number[]> => {
    const read = await client().get("/products/9");
    const added = await client().post(`/cart/${user}/items`, { product_id: 9, quantity: 1 });
    const paid = await client().post(`/cart/${user}/checkout`);
    return [read.status, added.status, paid.status];
  };
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => buy(`patient-${i}`)));
  expect(answers).toEqual(Array(20).fill([200, 200, 201]));
  for (const service of ["dynamodb", "redis", "payment"]) {
    expect((await circuit(service)).state, service).toBe("closed");
  }
});

test("the second cache tier gone: product reads go on without it", async () => {
  await simulate("redis", { enable: true, ...TTL });
  await client().put("/cache", { mode: "redis" });
  let id = 0;
  const read = async () => {
    id = (id % 20) + 1;
    expect((await client().get(`/products/${id}`)).status).toBe(200);
  };
  await untilOpen("redis", read);
  for (let i = 0; i < 20; i++) await read();
  await client().put("/cache", { mode: "tiered" });
});

test("each fault shows in the metrics", async () => {
  const before = (await circuit("dynamodb")).total_failures;
  await vi.waitFor(async () => {
    await simulate("dynamodb", { enable: true, failure_rate: 1, ttl_secs: 1 });
    await client().get("/orders?user_id=ann");
    expect((await circuit("dynamodb")).total_failures).toBeGreaterThan(before);
  }, PATIENCE);
  // It ends by itself.
  await vi.waitFor(
    async () => expect((await client().get("/orders?user_id=ann")).status).toBe(200),
    PATIENCE,
  );
});

test("where faults are off none can be injected", async () => {
  const safe = await launchShop({ FAULTS: "off" });
  const answer = await safe.client.post("/resilience/simulate/payment", { enable: true });
  expect(answer).toMatchObject({ status: 403, body: { error: "FAULTS_DISABLED" } });
});
