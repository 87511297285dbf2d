import { join } from "node:path";
import { allocationRows } from "./allocation.ts";
import type { Benchmark } from "./benchmark.ts";
import { rowsOf } from "./in-process.ts";

const POLICIES = join(import.meta.dirname, "..", "..", "core", "resilience", "policies.bench.ts");

/** Cost of the resilience policies in a call that succeeds, and what a read from memory allocates for them. */
export const benchmark: Benchmark = async () => ({
  "a call that succeeds": await rowsOf(POLICIES),
  "a read from memory": await allocationRows(),
});
