import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { torture } from "./torture.ts";
import { printResult } from "./torture-summary.ts";

/** Far below what ten kills leave, some 25 to 60. The nightly run kills 200 times. */
const MIN_FULFILLED = 5;

test("ten kills under load and with dependencies in trouble lose, leak and double nothing", async () => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-torture-"));
  const seed = Date.now() % 1_000_000;
  const result = await torture({ kills: 10, users: 8, seed, dir, patience: 5_000 });
  const told = `seed ${seed}, see ${dir}\n${printResult(result)}`;
  expect(result.verdict.outcome, told).toBe("ok");
  expect(result.history.length).toBeGreaterThan(200);
  // Where every checkout is refused, nothing is lost either.
  expect(result.fulfilled, told).toBeGreaterThan(MIN_FULFILLED);
  await rm(dir, { recursive: true, force: true });
}, 300_000);
