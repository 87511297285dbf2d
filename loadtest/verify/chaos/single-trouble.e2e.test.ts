import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { type TortureResult, torture } from "./torture.ts";
import { DROPPED_RECORDS, PAYMENT_AWAY } from "./torture-faults.ts";
import { printResult } from "./torture-summary.ts";

/** Kills the shop under one kind of trouble. @param expectMore of a result, with what to say where it falls short */
const tortureWith = async (
  only: string,
  kills: number,
  expectMore: (result: TortureResult, told: string) => void,
): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-torture-"));
  const seed = Date.now() % 1_000_000;
  const result = await torture({ kills, users: 8, seed, dir, patience: 5_000, only });
  const told = `seed ${seed}, see ${dir}\n${printResult(result)}`;
  expect(result.verdict.outcome, told).toBe("ok");
  expectMore(result, told);
  await rm(dir, { recursive: true, force: true });
};

test("stream records that nobody ever gets lose no order: recovery fulfils what the stream forgot", async () => {
  await tortureWith(DROPPED_RECORDS, 1, ({ proxies, fulfilled }, told) => {
    expect(proxies.dynamodb.droppedRecords, told).toBeGreaterThan(0);
    expect(fulfilled, told).toBeGreaterThan(0);
  });
}, 180_000);

test("orders that were accepted while payment was away outlive a kill, and are charged once", async () => {
  await tortureWith(PAYMENT_AWAY, 4, ({ deferred }, told) => expect(deferred, told).toBeGreaterThan(0));
}, 240_000);

describeWithRedis("with a Redis that is not to be trusted", () => {
  test.each(["redis says and holds garbage", "redis is demoted"])(
    "nothing is lost, and only kills end the shop, while %s",
    (only) => tortureWith(only, 1, ({ fulfilled }, told) => expect(fulfilled, told).toBeGreaterThan(0)),
    180_000,
  );
});
