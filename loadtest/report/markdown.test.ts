import { expect, test } from "vitest";
import { compareRuns } from "./compare-runs.ts";
import { fixtureRun } from "./fixture/fixture-run.ts";
import { markdownOf } from "./markdown.ts";
import type { ExperimentResult, Run } from "./run-result.ts";

const only = (name: ExperimentResult["name"], change: Partial<ExperimentResult> = {}): Run => {
  const run = fixtureRun();
  return {
    ...run,
    results: run.results.filter((result) => result.name === name).map((result) => ({ ...result, ...change })),
  };
};

test("it says what was asked, what came out, what holds, and how sure the figures are", () => {
  const text = markdownOf(only("recovery"), undefined);
  expect(text).toContain("**❌ 1 of 2 checks is violated.**");
  expect(text).toContain("Do breakers and retries save you? **94 %** Of requests succeed during the faults");
  expect(text).toContain("❌ Recovered within 10 s: violated. Redis took 12.4 s");
  expect(text).toContain("| Success during faults, on | 94.1\u00a0% | 93.8–94.6 | 3 |");
  expect(text).toContain("`npm run experiment -- all --seed 42`");
});

test("a run without checks is not said to have passed any", () => {
  const head = markdownOf(only("hot"), undefined).slice(0, 300);
  expect(head).toContain("**Nothing was checked.**");
  expect(head).not.toMatch(/✅|❌/);
});

test("many measures are cut short, and said to be", () => {
  const many = Array.from({ length: 15 }, (_, i) => ({
    id: `m${i}`,
    label: `measure ${i}`,
    unit: "ms",
    better: "lower" as const,
    samples: [1],
  }));
  const text = markdownOf(only("cache", { measures: many }), undefined);
  expect(text).toContain("measure 11 ");
  expect(text).not.toContain("measure 12");
  expect(text).toContain("… and 3 more in the report.");
});

test("with a baseline, what differs comes first", () => {
  const run = fixtureRun(0.8, 7);
  const text = markdownOf(run, compareRuns(run, fixtureRun()));
  expect(text).toContain("Of 24 measures, 18 are worse and 0 better beyond the noise.");
  expect(text).toMatch(
    /\| 🔺 worse \| Load: Greatest throughput, 1 process \| [\d,]+\srequests\/s \| [\d,]+\srequests\/s \| ×0\.8\d \|/,
  );
});

test("nothing in the data is taken for markup, nor breaks a table", () => {
  const evil = "a|b\n# c <script> [d](e) `f` *g*";
  const measure = { id: "m", label: evil, unit: "ms", better: "lower" as const, samples: [1, 2, 3] };
  const run = only("cache", { title: evil, measures: [measure], warnings: [evil] });
  run.environment.command = "npm run `x` -- | y";
  const text = markdownOf(run, undefined);
  expect(text).toContain("| a\\|b \\# c \\<script\\> \\[d\\](e) \\`f\\` \\*g\\* | 2");
  expect(text).not.toMatch(/^# c/m);
  expect(text).toContain("`` npm run `x` -- | y ``");
});

test("of a shop that ran already, machine and commit are the load generator's", () => {
  const run = fixtureRun();
  const elsewhere = { ...run, environment: { ...run.environment, target: "https://shop.example" } };
  expect(markdownOf(elsewhere, undefined)).toContain(
    "The shop at https://shop.example; load generator on AMD EPYC 7B13, 2 cores; commit",
  );
  expect(markdownOf(run, undefined)).not.toContain("load generator on");
});
