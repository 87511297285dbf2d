import { expect, test } from "vitest";
import { addProblem, emptySummary, shownProblems, shownSummary } from "./import-summary.ts";

test("twenty problems are shown, and how many more there are", () => {
  const summary = emptySummary();
  for (let line = 2; line < 22; line++) addProblem(summary, line, "price: is blank");
  expect(shownProblems(summary)).toHaveLength(20);
  expect(shownProblems(summary)[0]).toBe("line 2: price: is blank");
  for (let line = 22; line < 25; line++) addProblem(summary, line, "price: is blank");
  expect(shownProblems(summary)).toHaveLength(21);
  expect(shownProblems(summary).at(-1)).toBe("… and 3 more");
});

test("the summary says what was done, decided and left", () => {
  const told = { name: "a.csv", isWindows1252: false, untrackedStock: 500, prune: false };
  const summary = { ...emptySummary(), created: 3, updated: 2, unchanged: 1, withdrawn: 1 };
  expect(shownSummary(told, summary)).toBe(
    "a.csv: 3 created, 2 updated, 1 unchanged, 1 taken off sale, 0 refused",
  );
  const all = {
    ...summary,
    refused: 1,
    restocked: 4,
    untracked: 1,
    unstated: 2,
    unstocked: 1,
    hidden: 2,
    alreadyOff: 1,
    extras: 1,
    shortened: 1,
    absent: 3,
    unsure: 1,
  };
  expect(
    shownSummary({ ...told, isWindows1252: true }, all)
      .split("\n")
      .slice(1),
  ).toEqual([
    "  stock set for 4 products",
    "  1 product with untracked stock: each has 500 pieces (--untracked-stock)",
    "  2 products without a quantity: those without stock got 500 pieces (--untracked-stock)",
    "  1 product without stock: set it with PUT /products/{productId}/stock",
    "  2 draft, archived or unpublished variants left out",
    "  1 product still off sale",
    "  1 row without a variant (pictures and the like) skipped",
    "  1 description cut to the shop's limit",
    "  3 products of earlier imports not in this file: left on sale (--prune takes them off sale)",
    "  1 variant not in this file left on sale, for lines of it could not be read",
    "  the file is not UTF-8 and was read as Windows-1252; if names look wrong, save it as UTF-8",
    "  not everything was imported (exit code 1): correct those lines and run it again",
  ]);
  expect(shownSummary({ ...told, prune: true }, all)).toContain(
    "left on sale, for lines of the file could not be read",
  );
});
