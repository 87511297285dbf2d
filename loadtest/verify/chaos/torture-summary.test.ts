import { expect, test } from "vitest";
import type { LimitCounts } from "../../experiments/limit-counts.ts";
import { limitsLine } from "./torture-summary.ts";

const QUIET = { read_units: 9, write_units: 9, throttled_reads: 0, throttled_writes: 0, conflicts: 0 };
const countsOf = (resources: LimitCounts["resources"]) => ({ scale: 0.1, resources });

test("throttles and conflicts are those of all tables and indexes", () => {
  const carts = { ...QUIET, throttled_reads: 1, throttled_writes: 20 };
  const stock = { ...QUIET, throttled_writes: 3, conflicts: 7 };
  expect(limitsLine(countsOf({ carts, stock, "orders/unfinished": QUIET }))).toBe(
    "1 reads and 23 writes throttled, 7 conflicts, at scale 0.1",
  );
});

test("a run that met no limit says so, and one without limits", () => {
  expect(limitsLine(countsOf({ carts: QUIET }))).toBe("none met, at scale 0.1");
  expect(limitsLine(undefined)).toBe("off");
});
