import { expect, test } from "vitest";
import { fixtureRun } from "../../report/fixture/fixture-run.ts";
import { baselineRate, RATE_SETTING } from "./cache-observations.ts";

test("a comparison is made at the baseline's rate, if it has one", () => {
  const baseline = fixtureRun();
  expect(baselineRate({})).toBeUndefined();
  expect(baselineRate({ baseline })).toBeUndefined();
  for (const result of baseline.results) if (result.name === "cache") result.settings[RATE_SETTING] = 480;
  expect(baselineRate({ baseline })).toBe(480);
});
