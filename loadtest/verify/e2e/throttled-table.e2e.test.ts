import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { countsBetween, readLimits } from "../../experiments/limit-counts.ts";
import { endPolitely } from "../../harness/end-politely.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { startEngine } from "../../harness/engine-and-redis.ts";
import { leastOf } from "../../harness/least-of.ts";
import { startLimits } from "../../harness/limits-layer.ts";
import { NO_HURRY } from "../../harness/no-hurry.ts";
import { detailsOf } from "../../harness/product-details.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { startShop } from "../../harness/shop-process.ts";

/** Of DynamoDB's capacities. A new table takes 4,000 write units a second: 40 here, which any machine can send. */
const SCALE = 0.01;
const UNITS_A_SECOND = 4_000 * SCALE;
const CUSTOMERS = 64;
const SECONDS = 8;
const PATIENCE = { timeout: 60_000, interval: 100 };

/** The values of a metric in what a server wrote, in the order in which it wrote them. */
const valuesOf = (output: string, metric: string): number[] =>
  output
    .split("\n")
    .filter((line) => line.startsWith("{") && line.includes(`"${metric}":`))
    .flatMap((line) => {
      const value = JSON.parse(line)[metric] as number | { readonly Values: readonly number[] };
      return typeof value === "number" ? value : value.Values;
    });

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test("a throttled table gives what it allows: no unit is wasted, no circuit opens, all of it is counted", async () => {
  const engine = await startEngine();
  const limits = await startLimits(engine, "units,partitions", SCALE);
  endWithTests(async () => {
    await limits.stop();
    await engine.stop();
  });
  const shop = await startShop({
    ...NO_HURRY, // A call that is given up may be throttled all the same, which the shop then does not know.
    LOG_LEVEL: "WARN",
    REDIS_URL: "",
    METRICS_INTERVAL_MS: "1000",
    DYNAMODB_ENDPOINT: `http://127.0.0.1:${limits.port}`,
    CATALOG_SIZE: "0",
    // As on AWS, not as with the engine on this machine.
    DYNAMODB_MAX_ATTEMPTS: "5",
  });
  endWithTests(() => endPolitely(shop));
  const client = clientOf(shop.url);
  await client.post("/products/1/details", detailsOf(1, { price: 9.99 }));

  const answers: number[] = [];
  let isOver = false;
  const customer = async (name: string): Promise<void> => {
    for (let quantity = 1; !isOver; quantity = (quantity % 9) + 1) {
      const { status, headers } = await client.put(`/cart/${name}/items/1`, { quantity });
      answers.push(status);
      // Sooner than asked, so that the table has more to refuse than it can take.
      if (status === 503) await sleep(Number(headers.get("retry-after")) * 100);
    }
  };
  const addOne = (name: string) => client.post(`/cart/${name}/items`, { product_id: 1, quantity: 1 });
  const names = Array.from({ length: CUSTOMERS }, (_, i) => `customer-${i}`);
  for (const name of names) {
    await vi.waitFor(async () => expect(await addOne(name)).toMatchObject({ status: 200 }), PATIENCE);
  }

  const good = (): number => answers.filter((status) => status === 200).length;
  const before = await readLimits(limits.port);
  const customers = names.map(customer);
  /** Of the writes that the table could have taken, the share that was not made or not answered. */
  const lostShare = async (): Promise<number> => {
    const [start, goodBefore] = [await readLimits(limits.port), good()];
    await sleep(SECONDS * 1_000);
    const { seconds } = countsBetween(start, await readLimits(limits.port));
    return 1 - (good() - goodBefore) / (UNITS_A_SECOND * seconds);
  };
  expect(await leastOf(0.1, lostShare)).toBeLessThan(0.1);
  isOver = true;
  await Promise.all(customers);
  const { resources } = countsBetween(before, await readLimits(limits.port));
  const carts = resources["stampede-carts"];

  expect(new Set(answers)).toEqual(new Set([200, 503]));
  expect(carts?.throttled_writes).toBeGreaterThan(0);
  // One write of one unit each.
  expect(good() / (carts?.write_units ?? 0)).toBeGreaterThan(0.9);

  await endPolitely(shop);
  const { resources: all } = await readLimits(limits.port);
  const throttled = sum(Object.values(all).map((its) => its.throttled_writes + its.throttled_reads));
  const output = shop.stdout();
  expect(sum(valuesOf(output, "DynamoDBThrottles"))).toBe(throttled);
  expect(sum(valuesOf(output, "Retries"))).toBeLessThanOrEqual(sum(valuesOf(output, "DynamoDBCalls")));
  expect(new Set(valuesOf(output, "CircuitState"))).toEqual(new Set([0]));
});
