import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ChildService } from "../../harness/child-service.ts";
import { startEngine } from "../../harness/engine-and-redis.ts";
import { NO_HURRY } from "../../harness/no-hurry.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { type ShopProcess, startShop } from "../../harness/shop-process.ts";
import { type FaultProxy, openProxy } from "./fault-proxy.ts";

/** A question that costs the shop one call: whatever the database sees beyond one a question is a retry. */
const QUESTION = "/orders/ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC";
const CALL = /DynamoDB_20120810\.GetItem[\s\S]*"stampede-orders"/;
const AT_ONCE = 20;
const BROWN_OUT = 1_500;

let dir: string;
let engine: ChildService;
let proxy: FaultProxy;
let shop: ShopProcess;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "stampede-amplification-"));
  engine = await startEngine(join(dir, "engine.db"));
  proxy = await openProxy({ to: engine.port, keepsRequests: true });
  shop = await startShop({
    ...NO_HURRY, // Retries are for answers that were cut, not for slow ones.
    DATA_DIR: dir,
    DYNAMODB_ENDPOINT: `http://127.0.0.1:${proxy.port}`,
    LOG_LEVEL: "SILENT",
    RECOVERY_INTERVAL_MS: "3600000", // Its calls would save up retries too.
  });
});
afterEach(async () => {
  shop?.kill("SIGTERM");
  await shop?.exited;
  await proxy?.close();
  await engine?.stop();
  await rm(dir, { recursive: true, force: true });
});

/** @returns calls that reached the database a question, and how many questions were answered */
const ask = async (questions: number) => {
  const client = clientOf(shop.url);
  const before = proxy.count(CALL);
  let asked = 0;
  let answered = 0;
  const one = async (): Promise<void> => {
    while (asked < questions) {
      asked += 1;
      if ((await client.get(QUESTION)).status === 404) answered += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return { amplification: (proxy.count(CALL) - before) / questions, answered: answered / questions };
};

test("in a brown-out of 20 % nobody notices, for a quarter more calls", async () => {
  expect(await ask(200)).toEqual({ amplification: 1, answered: 1 });
  proxy.set({ cut: 0.2 });
  const { amplification, answered } = await ask(BROWN_OUT);
  console.info(
    `1 of 5 answers cut: ${amplification.toFixed(3)} calls a request, ${(answered * 100).toFixed(1)} % answered`,
  );
  expect(answered).toBeGreaterThanOrEqual(0.995);
  expect(amplification).toBeGreaterThan(1.15);
  expect(amplification).toBeLessThanOrEqual(1.3);
});

test("when half of the calls fail, retries stay below a tenth, and what is answered is not refused", async () => {
  await ask(200);
  proxy.set({ cut: 0.5 });
  const { amplification, answered } = await ask(BROWN_OUT);
  console.info(
    `1 of 2 answers cut: ${amplification.toFixed(3)} calls a request, ${(answered * 100).toFixed(1)} % answered`,
  );
  expect(amplification).toBeLessThanOrEqual(1.1);
  expect(answered).toBeGreaterThan(0.45);
});

test("now and then a failure is always retried", async () => {
  await ask(200);
  proxy.set({ cut: 0.02 });
  const { amplification, answered } = await ask(1_000);
  console.info(
    `2 of 100 answers cut: ${amplification.toFixed(3)} calls a request, ${(answered * 100).toFixed(1)} % answered`,
  );
  expect(answered).toBeGreaterThan(0.99);
  expect(amplification).toBeLessThan(1.05);
});

test("a database that is gone gets next to nothing", async () => {
  await ask(200);
  proxy.set({ cut: 1 });
  const { amplification, answered } = await ask(1_500);
  console.info(`all answers cut: ${amplification.toFixed(3)} calls a request`);
  expect(answered).toBe(0);
  expect(amplification).toBeLessThan(0.5);
});
