import { join } from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { rowsOf } from "./in-process.ts";

const POLICIES = join(import.meta.dirname, "..", "..", "core", "resilience", "policies.bench.ts");

/** Cost of the resilience policies in a call that succeeds. */
export const benchmark: Benchmark = async () => ({ "a call that succeeds": await rowsOf(POLICIES) });
