import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeWithLocust, describeWithRedis } from "../harness/describe-with.ts";
import { median } from "../report/statistics.ts";
import { finish, readRun, SHORT, start, TIMEOUT_MS, theResult } from "./short-runs.ts";

/** A machine that stalls spoils one of them, and not their median. */
const THREE_TIMES = ["--repeat", "3"];

const medianOf = <Row>(rows: readonly Row[], value: (row: Row) => unknown): number => {
  const values = rows.map(value);
  for (const each of values) expect(each).toEqual(expect.any(Number));
  return median(values as number[]);
};

describeWithLocust("short experiments", () => {
  describeWithRedis("on a stage of their own", () => {
    describe.concurrent("all at once", () => {
      test("load: both numbers of processes, and the checker's verdict", {
        timeout: TIMEOUT_MS,
      }, async () => {
        // Percentiles want twenty answers a step, also from a busy machine.
        const words = ["load", ...SHORT, "--duration", "2", "--users", "100"];
        const { verdicts, raw, charts } = await finish(await start(words));
        expect(verdicts.map(({ name }) => name)).toEqual(["Checker", "No wrong content"]);
        for (const { detail } of verdicts) expect(detail).not.toContain("is not known");
        expect(new Set(raw.steps?.map(({ servers }) => servers))).toEqual(new Set([1, 2]));
        for (const { serverCpu, memoryMb } of raw.steps ?? []) {
          expect(serverCpu).toBeGreaterThan(0);
          expect(memoryMb).toBeGreaterThan(50);
        }
        expect(new Set(charts.map(({ kind }) => kind))).toEqual(new Set(["line"]));
      });

      test("cache: each mode reads where it should", { timeout: TIMEOUT_MS }, async () => {
        // The shell's text about a shop or Locust is not to be measured.
        const shell = {
          CACHE_TTL_MS: "never",
          SST_RESOURCE_Cache: "{",
          LOCUST_RUN_TIME: "1s",
          CATALOG_SIZE: "3",
        };
        const { raw } = await finish(await start(["cache", ...SHORT, ...THREE_TIMES, "--users", "2"], shell));
        const turns = Map.groupBy(raw.turns ?? [], ({ mode, isOpen }) => `${mode} ${isOpen}`);
        expect(turns.size).toBe(6);
        for (const [name, repeats] of turns) {
          const callsPerThousand = medianOf(repeats, (turn) => turn.callsPerThousand);
          if (name.startsWith("off")) expect(callsPerThousand).toBeGreaterThan(500);
          else expect(callsPerThousand).toBeLessThan(100);
          if (name.startsWith("tiered"))
            expect(medianOf(repeats, (turn) => turn.fromMemory)).toBeGreaterThan(0);
          else expect(new Set(repeats.map((turn) => turn.fromMemory))).toEqual(new Set([0]));
        }
      });

      test("recovery: all shops end without a trace of the faults, and a brown-out is worth its retries", {
        timeout: TIMEOUT_MS,
      }, async () => {
        const words = ["recovery", ...SHORT, ...THREE_TIMES, "--duration", "2", "--users", "20"];
        const { verdicts, raw, charts } = await finish(await start(words));
        expect(verdicts.map(({ name }) => name)).toEqual([
          "Checker, with all",
          "Checker, with all, accept",
          "Checker, with nothing",
          "No wrong content",
        ]);
        for (const { detail } of verdicts) expect(detail).not.toContain("is not known");
        expect(raw.faults).toHaveLength(27);
        expect(charts[0]?.markers).toHaveLength(6);
        const goodIn = (fault: string, arm: string) =>
          medianOf(
            raw.faults?.filter((row) => row.fault === fault && row.arm === arm) ?? [],
            ({ good }) => good,
          );
        const brownOut = "DynamoDB, 20 % fail";
        expect(goodIn(brownOut, "all")).toBeGreaterThan(goodIn(brownOut, "nothing"));
        expect(new Set(charts[0]?.bands.map(({ row }) => row))).toEqual(
          new Set(["DynamoDB", "Redis", "payment"]),
        );
      });

      test("hot: a cold product is loaded once while a crowd waits, an uncached one each time", {
        timeout: TIMEOUT_MS,
      }, async () => {
        const { raw } = await finish(await start(["hot", ...SHORT, ...THREE_TIMES, "--users", "150"]));
        for (const [state, rushes] of Map.groupBy(raw.rushes ?? [], (rush) => rush.state)) {
          const calls = medianOf(rushes, (rush) => rush.calls);
          const shared = medianOf(rushes, (rush) => rush.shared);
          // A busy machine reads a few dozen times where others read hundreds of times: far more in any case.
          if (state === "uncached") expect(calls).toBeGreaterThan(10);
          else expect(calls).toBeLessThanOrEqual(2);
          expect(new Set(rushes.map(({ throttled }) => typeof throttled))).toEqual(new Set(["number"]));
          if (state === "cold") {
            expect(shared).toBeGreaterThan(0);
            expect(medianOf(rushes, ({ firstMax }) => firstMax)).toBeGreaterThan(40);
          } else if (state !== "redis") expect(shared).toBe(0); // Of Redis, readers wait for another's read as well.
        }
        expect(raw.rushes).toHaveLength(15);
      });

      test("flash: what there is is sold once, whatever the shards", { timeout: TIMEOUT_MS }, async () => {
        const { verdicts, raw } = await finish(await start(["flash", ...SHORT, "--users", "40"]));
        expect(verdicts.map(({ name }) => name)).toEqual([
          "Sold exactly what there was",
          "Checker",
          "No wrong content",
        ]);
        expect(new Set(raw.sales?.map(({ shards }) => shards))).toEqual(new Set([1, 4, 16, "auto"]));
        for (const { orders } of raw.sales ?? []) expect(orders).toBeGreaterThan(0);
        const measured = raw.sales?.filter(({ supply }) => supply === "ample");
        expect(measured).toHaveLength(4);
        for (const { available } of measured ?? []) expect(available).toBeGreaterThan(0);
      });

      test("interrupted, it writes what it has and leaves nothing running", {
        timeout: TIMEOUT_MS,
      }, async () => {
        const experiment = await start(["flash", ...SHORT, "--users", "20", "--repeat", "9"]);
        await expect
          .poll(experiment.output, { timeout: TIMEOUT_MS, interval: 200 })
          .toMatch(/shards?, repeat [1-9] of 9 .* users/);
        experiment.interrupt("SIGINT");
        expect(await experiment.exited, experiment.output()).toBe(130);
        const result = theResult(await readRun(experiment));
        expect(result.isComplete).toBe(false);
        expect(result.warnings[0]).toContain("Interrupted");
        expect(result.raw.sales?.length).toBeGreaterThan(0);
        expect(existsSync(join(experiment.out, "report.html"))).toBe(true);
        expect(await experiment.leftovers()).toEqual([]);
      });
    });
  });
});
