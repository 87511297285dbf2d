import { randomUUID } from "node:crypto";
import { afterAll, expect, inject } from "vitest";
import { readConfig } from "../../core/config/config.ts";
import { createTables, deleteTables } from "../local/create-tables.ts";

/** Each test file has tables of its own, in the one engine of the run. */
process.env.DYNAMODB_ENDPOINT = inject("dynamodbEndpoint");
process.env.TABLE_PREFIX = `test-${randomUUID()}-`;
process.env.LOG_LEVEL ??= "SILENT";
process.env.FAULTS ??= "on";
process.env.PAYMENT_LATENCY_MS ??= "1";
// Those of loadtest start shops with databases of their own.
if (!expect.getState().testPath?.includes("/loadtest/")) {
  const config = readConfig();
  await createTables(config);
  if (inject("isForeignDynamodb")) afterAll(() => deleteTables(config));
}

// fast-check draws a seed itself and prints it when a property fails; with this one a run can be repeated.
const { FUZZ_SEED } = process.env;
if (FUZZ_SEED) (await import("fast-check")).configureGlobal({ seed: Number(FUZZ_SEED) });
