import { expect, test } from "vitest";
import { changeCounts, compareRuns } from "./compare-runs.ts";
import { fixtureRun } from "./fixture/fixture-run.ts";
import type { Measure, Run } from "./run-result.ts";

/** A run of one experiment with the measures. */
const runWith = (measures: readonly Partial<Measure>[], change: Partial<Run["environment"]> = {}): Run => {
  const run = fixtureRun();
  const [result] = run.results;
  if (!result) throw new Error("The fixture has no result");
  const complete = measures.map((measure, i) => ({
    id: `m${i}`,
    label: `measure ${i}`,
    unit: "ms",
    better: "lower" as const,
    samples: [10, 11, 12],
    ...measure,
  }));
  return {
    ...run,
    environment: { ...run.environment, ...change },
    results: [{ ...result, measures: complete }],
  };
};

const changeOf = (now: Partial<Measure>, before: Partial<Measure> = {}) =>
  compareRuns(runWith([now]), runWith([before])).measures[0];

test("a run compared with itself differs in nothing", () => {
  const comparison = compareRuns(fixtureRun(), fixtureRun());
  const { same, "too few repeats": few, ...others } = changeCounts(comparison);
  expect(same + few).toBe(comparison.measures.length);
  expect(Object.values(others)).toEqual([0, 0, 0, 0]);
  expect([...comparison.missing, ...comparison.added, ...comparison.conditions]).toEqual([]);
});

test("whether more is better depends on the measure", () => {
  const doubled = { samples: [20, 22, 24] };
  expect(changeOf({ ...doubled, better: "lower" })?.change).toBe("worse");
  expect(changeOf({ ...doubled, better: "higher" })?.change).toBe("better");
  expect(changeOf({ ...doubled, better: "neither" })?.change).toBe("changed");
  expect(changeOf({ samples: [5, 5.5, 6], better: "lower" })).toMatchObject({
    change: "better",
    before: 11,
    after: 5.5,
    ratio: 0.5,
  });
});

test("of shares, points count and not ratios", () => {
  const share = { unit: "share", better: "higher" } as const;
  const shareOf = (...samples: number[]) =>
    changeOf({ ...share, samples }, { ...share, samples: [1, 1, 1] })?.change;
  expect(shareOf(0.955, 0.954, 0.956)).toBe("worse");
  expect(shareOf(0.995, 0.994, 0.996)).toBe("same");
  expect(shareOf(1, 0.9, 1)).toBe("same");
  const few = { ...share, samples: [0.02, 0.02, 0.02] };
  expect(changeOf({ ...share, samples: [0.025, 0.025, 0.025] }, few)?.change).toBe("same");
});

test("does not claim a difference that it cannot tell", () => {
  expect(changeOf({ samples: [20, 22] })?.change).toBe("too few repeats");
  expect(changeOf({ samples: [20, 22, 24], unit: "s" })?.change).toBe("not comparable");
  expect(changeOf({ samples: [-20, 22, 24] })?.change).toBe("not comparable");
});

test("a slower shop is seen in all that was measured often enough, the worse first", () => {
  const { measures } = compareRuns(fixtureRun(0.8, 7), fixtureRun());
  const changes = measures.map(({ change }) => change);
  expect(changes.filter((change) => change === "worse")).toHaveLength(18);
  expect(changes.slice(0, 18)).not.toContain("same");
  expect(changes).not.toContain("better");
});

test("missing and new measures are named, with their experiments", () => {
  const { missing, added } = compareRuns(
    runWith([{ id: "new", label: "fresh" }]),
    runWith([{ id: "old", label: "gone" }]),
  );
  expect({ missing, added }).toEqual({ missing: ["Load: gone"], added: ["Load: fresh"] });
});

test("other conditions are named; another port of the same machine is none", () => {
  const now = runWith([{}], { cores: 8, target: "http://127.0.0.1:5", versions: { bun: "1.5.0" } });
  const before = runWith([{}], {
    target: "http://127.0.0.1:4",
    versions: { bun: "1.4.5", locust: "2.12.1" },
  });
  for (const result of now.results) result.settings = { ...result.settings, duration_s: 5 };
  for (const result of now.results) result.isQuick = true;
  expect(compareRuns(now, before).conditions).toEqual([
    "cores: 2 then, 8 now",
    "bun: 1.4.5 then, 1.5.0 now",
    "locust: 2.12.1 then, none now",
    "Load: kind of run: full then, quick now",
    "Load: duration_s: 20 then, 5 now",
  ]);
  const cache = fixtureRun().results.filter(({ name }) => name === "cache");
  expect(compareRuns({ ...now, results: cache }, { ...now, results: [] }).conditions).toEqual([
    "Cache is not in the baseline",
  ]);
});
