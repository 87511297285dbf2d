import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeWithLocust, describeWithRedis } from "../harness/describe-with.ts";
import { finish, readRun, SHORT, start, TIMEOUT_MS, theResult } from "./short-runs.ts";

const MOST_RUNS = 3;

/**
 * Compares what an experiment measured. A machine that stalls spoils a comparison: then there is another run for it. No stall
 * excuses anything else, such as a verdict of the checker: that fails in the first run.
 *
 * @param run gives the comparison of its figures, to be made when all else is right
 */
const compareOne = async (run: () => Promise<() => void>): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    const compare = await run();
    try {
      return compare();
    } catch (error) {
      if (attempt === MOST_RUNS) throw error;
    }
  }
};

/** A figure of the only row that there is. */
const figureOf = <Row>([row, ...others]: readonly Row[], value: (row: Row) => unknown): number => {
  if (row === undefined || others.length > 0) throw new Error(`Not one row, but ${others.length + 1}`);
  const figure = value(row);
  expect(figure).toEqual(expect.any(Number));
  return figure as number;
};

describeWithLocust("short experiments", () => {
  describeWithRedis("on a stage of their own", () => {
    // The longest first.
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

      test("hot: a cold product is loaded once while a crowd waits, an uncached one each time", {
        timeout: TIMEOUT_MS,
      }, async () => {
        await compareOne(async () => {
          const { raw } = await finish(await start(["hot", ...SHORT, "--users", "150"]));
          const rushes = Map.groupBy(raw.rushes ?? [], ({ state }) => state);
          expect([...rushes.values()].map(({ length }) => length)).toEqual([1, 1, 1, 1, 1]);
          for (const { throttled } of raw.rushes ?? []) expect(throttled).toEqual(expect.any(Number));
          return () => {
            for (const [state, rows] of rushes) {
              const calls = figureOf(rows, (rush) => rush.calls);
              const shared = figureOf(rows, (rush) => rush.shared);
              // A busy machine reads a few dozen times where others read hundreds of times: far more in any case.
              if (state === "uncached") expect(calls).toBeGreaterThan(10);
              else expect(calls).toBeLessThanOrEqual(2);
              if (state === "cold") {
                expect(shared).toBeGreaterThan(0);
                expect(figureOf(rows, ({ firstMax }) => firstMax)).toBeGreaterThan(40);
              } else if (state !== "redis") expect(shared).toBe(0); // Of Redis, readers wait for another's read as well.
            }
          };
        });
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

      test("cache: each mode reads where it should", { timeout: TIMEOUT_MS }, async () => {
        // The shell's text about a shop or Locust is not to be measured.
        const shell = {
          CACHE_TTL_MS: "never",
          SST_RESOURCE_Cache: "{",
          LOCUST_RUN_TIME: "1s",
          CATALOG_SIZE: "3",
        };
        await compareOne(async () => {
          const { raw } = await finish(await start(["cache", ...SHORT, "--users", "2"], shell));
          const turns = Map.groupBy(raw.turns ?? [], ({ mode, isOpen }) => `${mode} ${isOpen}`);
          expect(turns.size).toBe(6);
          return () => {
            for (const [name, rows] of turns) {
              const callsPerThousand = figureOf(rows, (turn) => turn.callsPerThousand);
              const fromMemory = figureOf(rows, (turn) => turn.fromMemory);
              if (name.startsWith("off")) expect(callsPerThousand).toBeGreaterThan(500);
              else expect(callsPerThousand).toBeLessThan(100);
              if (name.startsWith("tiered")) expect(fromMemory).toBeGreaterThan(0);
              else expect(fromMemory).toBe(0);
            }
          };
        });
      });
    });

    // Alone: its three shops are compared by what they answer, and a shop without a processor refuses.
    test("recovery: all shops end without a trace of the faults, and a brown-out is worth its retries", {
      timeout: TIMEOUT_MS,
    }, async () => {
      // A percentile of a second wants twenty good answers in it.
      const words = ["recovery", ...SHORT, "--duration", "2", "--users", "40"];
      await compareOne(async () => {
        const { verdicts, raw, charts } = await finish(await start(words));
        expect(verdicts.map(({ name }) => name)).toEqual([
          "Checker, with all",
          "Checker, with all, accept",
          "Checker, with nothing",
          "No wrong content",
        ]);
        for (const { detail } of verdicts) expect(detail).not.toContain("is not known");
        expect(raw.faults).toHaveLength(9);
        expect(charts[0]?.markers).toHaveLength(6);
        expect(new Set(charts[0]?.bands.map(({ row }) => row))).toEqual(
          new Set(["DynamoDB", "Redis", "payment"]),
        );
        const brownOuts = raw.faults?.filter(({ fault }) => fault === "DynamoDB, 20 % fail") ?? [];
        const goodWith = (name: string) =>
          figureOf(
            brownOuts.filter(({ arm }) => arm === name),
            ({ good }) => good,
          );
        return () => expect(goodWith("all")).toBeGreaterThan(goodWith("nothing"));
      });
    });
  });
});
