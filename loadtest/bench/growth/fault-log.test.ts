import { expect, test } from "vitest";
import { openFaultLog } from "./fault-log.ts";

test("warns of each stretch with refusals or failures, with the worst of its rounds", () => {
  const faults = openFaultLog();
  const stretch = { refused: 0.02, failed: 0, cpu: 7 };
  expect(faults.note("search, 1,000 products", stretch)).toBe(stretch);
  faults.note("search, 1,000 products", { refused: 0.3, failed: 2 });
  faults.note("search, 1,000 products", { refused: 0, failed: 1 });
  faults.note("read, 1,000 products", { refused: 0, failed: 0 });
  faults.note("read, 10,000 products", { refused: 0, failed: 4 });
  expect(faults.warnings()).toEqual([
    "search, 1,000 products: up to 30 % refused, 3 failed. These cost less than an answer, so its CPU is shown too low.",
    "read, 10,000 products: 4 failed. These cost less than an answer, so its CPU is shown too low.",
  ]);
});
