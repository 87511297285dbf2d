import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { torture } from "./torture.ts";
import { DROPPED_RECORDS, PAYMENT_AWAY } from "./torture-faults.ts";
import { printResult } from "./torture-summary.ts";

/** Far below what ten kills leave, some 25 to 60. The nightly run kills 200 times. */
const MIN_FULFILLED = 5;

test("stream records that nobody ever gets lose no order: recovery fulfils what the stream forgot", async () => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-torture-"));
  const seed = Date.now() % 1_000_000;
  const result = await torture({ kills: 1, users: 8, seed, dir, patience: 5_000, only: DROPPED_RECORDS });
  const told = `seed ${seed}, see ${dir}\n${printResult(result)}`;
  expect(result.verdict.outcome, told).toBe("ok");
  expect(result.proxies.dynamodb.droppedRecords, told).toBeGreaterThan(0);
  expect(result.fulfilled, told).toBeGreaterThan(0);
  await rm(dir, { recursive: true, force: true });
}, 180_000);

test("orders that were accepted while payment was away outlive a kill, and are charged once", async () => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-torture-"));
  const seed = Date.now() % 1_000_000;
  const result = await torture({ kills: 4, users: 8, seed, dir, patience: 5_000, only: PAYMENT_AWAY });
  const told = `seed ${seed}, see ${dir}\n${printResult(result)}`;
  expect(result.verdict.outcome, told).toBe("ok");
  expect(result.deferred, told).toBeGreaterThan(0);
  await rm(dir, { recursive: true, force: true });
}, 240_000);

describeWithRedis("with a Redis that is not to be trusted", () => {
  test.each(["redis says and holds garbage", "redis is demoted"])(
    "nothing is lost, and only kills end the shop, while %s",
    async (only) => {
      const dir = await mkdtemp(join(tmpdir(), "stampede-torture-"));
      const seed = Date.now() % 1_000_000;
      const result = await torture({ kills: 1, users: 8, seed, dir, patience: 5_000, only });
      const told = `seed ${seed}, see ${dir}\n${printResult(result)}`;
      expect(result.verdict.outcome, told).toBe("ok");
      expect(result.fulfilled, told).toBeGreaterThan(0);
      await rm(dir, { recursive: true, force: true });
    },
    180_000,
  );
});

test("ten kills under load and with dependencies in trouble lose, leak and double nothing", async () => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-torture-"));
  const seed = Date.now() % 1_000_000;
  const result = await torture({ kills: 10, users: 8, seed, dir, patience: 5_000 });
  const told = `seed ${seed}, see ${dir}\n${printResult(result)}`;
  expect(result.verdict.outcome, told).toBe("ok");
  expect(result.history.length).toBeGreaterThan(200);
  // Where every checkout is refused, nothing is lost either.
  expect(result.fulfilled, told).toBeGreaterThan(MIN_FULFILLED);
  await rm(dir, { recursive: true, force: true });
}, 300_000);
