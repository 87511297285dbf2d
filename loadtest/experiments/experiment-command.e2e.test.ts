import { existsSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { type ExperimentProcess, startExperiment } from "./experiment-process.ts";

const started: ExperimentProcess[] = [];
afterAll(async () => {
  for (const { remove } of started) await remove();
});

/** The message for a person who can put it right: the reason, no stack, and nothing was begun. */
const expectRefused = async (
  words: string[],
  message: string,
  env: Record<string, string> = {},
): Promise<void> => {
  const experiment = await startExperiment(words, env);
  started.push(experiment);
  expect(await experiment.exited).toBe(2);
  expect(experiment.output()).toContain(message);
  expect(experiment.output()).not.toMatch(/^\s+at /m);
  expect(existsSync(experiment.out)).toBe(false);
  expect(await experiment.leftovers()).toEqual([]);
};

test.concurrent("an unknown experiment", () => expectRefused(["sale"], 'There is no experiment "sale"'));

test.concurrent("a number out of range", () =>
  expectRefused(["load", "--users", "0"], "--users must be an integer"));

test.concurrent("a scale of DynamoDB's limits that is none", () =>
  expectRefused(["hot"], 'DYNAMODB_SCALE must be a number above 0, at most 1000, got "much"', {
    DYNAMODB_SCALE: "much",
  }));

test.concurrent("without Locust and Redis, the line that installs them", () =>
  expectRefused(["load"], "apt-get install python3-locust redis-server", { PATH: "/nowhere" }));

test.concurrent("with a shop that runs, Redis is not asked for", () =>
  expectRefused(["load", "--url", "http://localhost:1"], "apt-get install python3-locust\n", {
    PATH: "/nowhere",
  }));

test.concurrent("a baseline that is not there", () =>
  expectRefused(["load", "--baseline", "/nowhere/result.json"], "/nowhere/result.json cannot be read"));

test.concurrent("a shop that is not there", () =>
  expectRefused(["load", "--url", "http://127.0.0.1:1"], "No shop answers at http://127.0.0.1:1"));

test.concurrent("a folder for the report in which nothing can be written", () =>
  expectRefused(["load", "--out", "/dev/null/report"], "The report can't be written to /dev/null/report"));
