import { join } from "node:path";
import { startEngine } from "../harness/engine-and-redis.ts";
import type { Benchmark } from "./benchmark.ts";
import { rowsOf } from "./in-process.ts";

const CLIENTS = join(import.meta.dirname, "..", "..", "core", "storage", "clients.bench.ts");

/**
 * Cost of a storage call to its caller: the SDK, the lean client, the same behind the policies, and a bare
 * fetch.
 */
export const benchmark: Benchmark = async () => {
  // In memory: the caller's share is asked for, not the disk's.
  const engine = await startEngine();
  try {
    const environment = {
      DYNAMODB_ENDPOINT: `http://127.0.0.1:${engine.port}`,
      DYNAMODB_TIMEOUT_MS: "10000",
    };
    return { "processor time of a storage call, of its caller": await rowsOf(CLIENTS, environment) };
  } finally {
    await engine.stop();
  }
};
