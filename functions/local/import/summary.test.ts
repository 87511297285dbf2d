import { expect, test } from "vitest";
import { addProblem, emptySummary, shownProblems, shownSummary } from "./summary.ts";

test("twenty problems are shown, and how many more there are", () => {
  const summary = emptySummary();
  for (let line = 2; line < 22; line++) addProblem(summary, line, "price: is blank");
  expect(shownProblems(summary)).toHaveLength(20);
  expect(shownProblems(summary)[0]).toBe("line 2: price: is blank");
  for (let line = 22; line < 25; line++) addProblem(summary, line, "price: is blank");
  expect(shownProblems(summary)).toHaveLength(21);
  expect(shownProblems(summary).at(-1)).toBe("… and 3 more");
});

test("the summary has every count, and says what to do about failures", () => {
  const summary = { ...emptySummary(), created: 3, updated: 2, unchanged: 1, images: 1, stocked: 4 };
  expect(shownSummary("a.csv", summary)).toBe(
    "a.csv: 3 created, 2 updated, 1 unchanged, 0 failed\n  1 image row skipped, stock set for 4 products",
  );
  expect(shownSummary("a.csv", { ...summary, images: 0, hidden: 2 })).toContain(
    "\n  2 draft, archived or unpublished products left out, stock set for 4 products",
  );
  expect(shownSummary("a.csv", { ...summary, failed: 1 })).toMatch(/1 failed\n.*\n.*exit code 1/);
});
