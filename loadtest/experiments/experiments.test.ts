import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type ExperimentResult, type Run, runSchema } from "../report/result.ts";
import { describeWithLocust, describeWithRedis } from "../system/programs.ts";
import { launchShop } from "../system/shops.ts";
import { type ExperimentProcess, startExperiment } from "./experiment-process.ts";

/** All of them at once: whether they are complete is the question here, not their figures. */
const TIMEOUT_MS = 150_000;
const SHORT = ["--quick", "--duration", "1", "--repeat", "1", "--seed", "1"];

const started: ExperimentProcess[] = [];
const start = async (...[words, env]: Parameters<typeof startExperiment>): Promise<ExperimentProcess> => {
  const experiment = await startExperiment(words, env);
  started.push(experiment);
  return experiment;
};
afterAll(async () => {
  for (const { remove } of started) await remove();
});

const readRun = async ({ out }: ExperimentProcess): Promise<Run> =>
  runSchema.parse(JSON.parse(await readFile(join(out, "result.json"), "utf8")));

const theResult = (run: Run): ExperimentResult => {
  const [result, ...others] = run.results;
  if (!result || others.length > 0) throw new Error(`Expected one result, got ${run.results.length}`);
  return result;
};

/** Every figure that the report shows was measured, and the page and the data are there. */
const expectComplete = async (experiment: ExperimentProcess): Promise<ExperimentResult> => {
  const run = await readRun(experiment);
  const result = theResult(run);
  expect(result).toMatchObject({ isComplete: true, isQuick: true });
  expect(result.summary.length).toBeGreaterThan(1);
  for (const { chart } of result.summary) {
    if (chart) expect(result.charts.map(({ id }) => id)).toContain(chart);
  }
  expect(result.measures.length).toBeGreaterThan(3);
  for (const { id, series } of result.charts) {
    const measured = series.flatMap(({ points }) => points).filter(({ y }) => y !== null);
    expect(measured.length, id).toBeGreaterThan(1);
  }
  expect(result.verdicts.filter(({ isOk }) => !isOk)).toEqual([]);
  expect(run.environment).toMatchObject({ seed: 1, cores: expect.any(Number) });
  expect(run.environment.versions.locust).toMatch(/^\d/);

  const page = await readFile(join(experiment.out, "report.html"), "utf8");
  expect(page.split("<svg").length - 1).toBeGreaterThanOrEqual(result.charts.length);
  expect(await readFile(join(experiment.out, "summary.md"), "utf8")).toContain(result.title);
  const tables = (await readdir(experiment.out)).filter((name) => name.endsWith(".csv"));
  expect(tables.length).toBe(Object.keys(result.raw).length);
  for (const name of tables) {
    expect((await readFile(join(experiment.out, name), "utf8")).trim().split("\n").length).toBeGreaterThan(1);
  }
  return result;
};

const finish = async (experiment: ExperimentProcess): Promise<ExperimentResult> => {
  expect(await experiment.exited, experiment.output()).toBe(0);
  const result = await expectComplete(experiment);
  expect(await experiment.leftovers()).toEqual([]);
  expect(experiment.output()).toContain("report.html");
  for (const { question } of result.summary) expect(experiment.output()).toContain(question);
  return result;
};

describeWithLocust("short experiments", () => {
  describeWithRedis("on a stage of their own", () => {
    describe.concurrent("all at once", () => {
      test("load: both numbers of processes, and the checker's verdict", {
        timeout: TIMEOUT_MS,
      }, async () => {
        const { verdicts, raw, charts } = await finish(await start(["load", ...SHORT, "--users", "4"]));
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
        const { raw } = await finish(await start(["cache", ...SHORT, "--users", "2"]));
        for (const { mode, fromMemory, callsPerThousand } of raw.turns ?? []) {
          if (mode === "off") expect(callsPerThousand).toBeGreaterThan(500);
          else expect(callsPerThousand).toBeLessThan(100);
          if (mode === "tiered") expect(fromMemory).toBeGreaterThan(0);
          else expect(fromMemory).toBe(0);
        }
      });

      test("recovery: both shops end without a trace of the faults", { timeout: TIMEOUT_MS }, async () => {
        const { verdicts, raw, charts } = await finish(await start(["recovery", ...SHORT, "--users", "20"]));
        expect(verdicts.map(({ name }) => name)).toEqual([
          "Checker, with resilience on",
          "Checker, with resilience off",
          "No wrong content",
        ]);
        for (const { detail } of verdicts) expect(detail).not.toContain("is not known");
        expect(raw.faults).toHaveLength(6);
        expect(charts[0]?.markers).toHaveLength(6);
        expect(new Set(charts[0]?.bands.map(({ row }) => row))).toEqual(
          new Set(["DynamoDB", "Redis", "payment"]),
        );
      });

      test("hot: a cold product is loaded once while a crowd waits, an uncached one each time", {
        timeout: TIMEOUT_MS,
      }, async () => {
        const { raw } = await finish(await start(["hot", ...SHORT, "--users", "300"]));
        for (const { state, calls, shared, firstMax } of raw.rushes ?? []) {
          if (state === "uncached") expect(calls).toBeGreaterThan(100);
          else expect(calls).toBeLessThanOrEqual(2);
          if (state === "cold") {
            expect(shared).toBeGreaterThan(0);
            expect(firstMax).toBeGreaterThan(40);
          } else expect(shared).toBe(0);
        }
        expect(raw.rushes).toHaveLength(4);
      });

      test("flash: what there is is sold once, whatever the shards", { timeout: TIMEOUT_MS }, async () => {
        const { verdicts, raw } = await finish(await start(["flash", ...SHORT, "--users", "40"]));
        expect(verdicts.map(({ name }) => name)).toEqual([
          "Sold exactly what there was",
          "Checker",
          "No wrong content",
        ]);
        expect(new Set(raw.sales?.map(({ shards }) => shards))).toEqual(new Set([1, 4, 16]));
        for (const { orders } of raw.sales ?? []) expect(orders).toBeGreaterThan(0);
      });

      test("a shop that runs already is measured, and left as it was", { timeout: TIMEOUT_MS }, async () => {
        const shop = await launchShop({ CATALOG_SIZE: "300", CACHE_MODE: "redis" });
        const experiment = await start(["cache", ...SHORT, "--users", "2", "--url", shop.url]);
        const { warnings } = await finish(experiment);
        expect(warnings.join()).toContain("Somebody's running shop");
        expect((await readRun(experiment)).environment.target).toBe(shop.url);
        expect(await shop.cache()).toMatchObject({ mode: "redis" });
        expect((await shop.client.get("/health")).status).toBe(200);
      });

      test.each(["SIGINT", "SIGHUP"] as const)(
        "interrupted by %s, it writes what it has and leaves nothing running",
        {
          timeout: TIMEOUT_MS,
        },
        async (signal) => {
          const experiment = await start(["flash", ...SHORT, "--users", "20", "--repeat", "9"]);
          await expect
            .poll(experiment.output, { timeout: TIMEOUT_MS, interval: 200 })
            .toMatch(/shards?, repeat [1-9] of 9 .* users/);
          experiment.interrupt(signal);
          expect(await experiment.exited, experiment.output()).toBe(130);
          const result = theResult(await readRun(experiment));
          expect(result.isComplete).toBe(false);
          expect(result.warnings[0]).toContain("Interrupted");
          expect(result.raw.sales?.length).toBeGreaterThan(0);
          expect(existsSync(join(experiment.out, "report.html"))).toBe(true);
          expect(await experiment.leftovers()).toEqual([]);
        },
      );
    });
  });
});
