import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { printResult } from "./summary.ts";
import { torture } from "./torture.ts";

test("ten kills under load and with dependencies in trouble lose, leak and double nothing", async () => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-torture-"));
  const seed = Date.now() % 1_000_000;
  const result = await torture({ kills: 10, users: 8, seed, dir });
  expect(result.verdict.isOk, `seed ${seed}, see ${dir}\n${printResult(result)}`).toBe(true);
  expect(result.history.length).toBeGreaterThan(200);
  await rm(dir, { recursive: true, force: true });
}, 180_000);
