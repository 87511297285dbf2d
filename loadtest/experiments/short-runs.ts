/** Experiments in the shortest run that still shows everything, and what must be true of each. For tests. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { launchBrowser, overflowOf } from "../harness/browser.ts";
import { hasChromium } from "../harness/describe-with.ts";
import { endWithTests, oncePerFile } from "../harness/end-with-tests.ts";
import { TEXTS_COVERED, TEXTS_CUT_OFF } from "../report/fixture/probes.ts";
import { expectDrawn } from "../report/page/expect-drawn.ts";
import { type ExperimentResult, MOST_WORDS, type Run, runSchema } from "../report/run-result.ts";
import { type ExperimentProcess, startExperiment } from "./experiment-process.ts";

/** Many run at once: whether they are complete is the question there, not their figures. */
export const TIMEOUT_MS = 400_000;
export const SHORT = ["--quick", "--duration", "1", "--repeat", "1", "--seed", "1"];

export const start = async (
  ...[words, env]: Parameters<typeof startExperiment>
): Promise<ExperimentProcess> => {
  const experiment = await startExperiment(words, env);
  endWithTests(experiment.remove);
  return experiment;
};

export const readRun = async ({ out }: ExperimentProcess): Promise<Run> =>
  runSchema.parse(JSON.parse(await readFile(join(out, "result.json"), "utf8")));

export const theResult = (run: Run): ExperimentResult => {
  const [result, ...others] = run.results;
  if (!result || others.length > 0) throw new Error(`Expected one result, got ${run.results.length}`);
  return result;
};

/** The report has an answer to each question, and the page and the data are there. */
const expectComplete = async (experiment: ExperimentProcess): Promise<ExperimentResult> => {
  const run = await readRun(experiment);
  const result = theResult(run);
  expect(result).toMatchObject({ isComplete: true, isQuick: true });
  expect(result.summary.length).toBeGreaterThan(0);
  for (const { question, figure, answer, chart } of result.summary) {
    // A dash where a second was too short for a percentile, as it may be on a slow machine.
    expect(figure, question).toMatch(/^(No|Yes|–|\S*\d.*)$/);
    expect(answer.split(/\s+/).length, answer).toBeLessThanOrEqual(MOST_WORDS);
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

const hasBrowser = hasChromium() || Boolean(process.env.REQUIRE_ALL_SUITES);
if (!hasBrowser)
  console.warn(
    "SKIPPED: reports in a browser, for lack of Chromium. Install it: apt-get install chromium-headless-shell",
  );

const browser = oncePerFile(launchBrowser, async (launched) => (await launched).close());

/** The report of real figures is as sound in a browser as that of made-up ones. */
const expectShown = async ({ out }: ExperimentProcess, run: Run): Promise<void> => {
  const page = await (await browser()).newPage();
  const complaints: string[] = [];
  page.on("console", (line) => complaints.push(line.text()));
  page.on("pageerror", ({ message }) => complaints.push(message));
  await page.goto(pathToFileURL(join(out, "report.html")).href);
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await overflowOf(page)).toBe(0);
    expect(await page.evaluate<string[]>(TEXTS_CUT_OFF)).toEqual([]);
    expect(await page.evaluate<string[]>(TEXTS_COVERED)).toEqual([]);
  }
  await expectDrawn(page, run);
  expect(complaints).toEqual([]);
  await page.close();
};

export const finish = async (experiment: ExperimentProcess): Promise<ExperimentResult> => {
  expect(await experiment.exited, experiment.output()).toBe(0);
  const result = await expectComplete(experiment);
  if (hasBrowser) await expectShown(experiment, await readRun(experiment));
  expect(await experiment.leftovers()).toEqual([]);
  expect(experiment.output()).toContain("report.html");
  for (const { question } of result.summary) expect(experiment.output()).toContain(question);
  return result;
};
