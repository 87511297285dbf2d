import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, expect, inject } from "vitest";

/** Each test file has tables of its own, in the one engine of the run. */
process.env.DYNAMODB_ENDPOINT = inject("dynamodbEndpoint");
process.env.TABLE_PREFIX = `test-${randomUUID()}-`;
// A shop answers for its process, and this one is all test files together.
process.env.MEMORY_LIMIT_MB = "1048576";
process.env.LOG_LEVEL ??= "SILENT";
process.env.FAULTS ??= "on";
process.env.PAYMENT_LATENCY_MS ??= "1";
const { testPath = "" } = expect.getState();
/** A file that names none of these works on no table: most of them, which start in half the time without. */
const OPENS_SHOP = /\b(open\w*Shop|testShop|lambdaShop|startServer|bothClients)\b/;
const usesTables = testPath.endsWith(".lambda.test.ts") || OPENS_SHOP.test(readFileSync(testPath, "utf8"));
// Those of loadtest start shops with databases of their own.
if (usesTables && !testPath.includes("/loadtest/")) {
  const { readConfig } = await import("../../core/config/config.ts");
  const { createTables, deleteTables } = await import("../local/create-tables.ts");
  const { WITHOUT_STREAMS } = await import("./tables-without-streams.ts");
  const config = readConfig();
  await createTables(config, WITHOUT_STREAMS);
  if (inject("isForeignDynamodb")) afterAll(() => deleteTables(config));
}

// fast-check draws a seed itself and prints it when a property fails; with this one a run can be repeated.
const { FUZZ_SEED } = process.env;
if (FUZZ_SEED) (await import("fast-check")).configureGlobal({ seed: Number(FUZZ_SEED) });
