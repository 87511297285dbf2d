import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { startEngine } from "../../local/engine.ts";
import { startLimits } from "../../local/limits/start-limits.ts";

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, "test-storage.ts");
const TIMEOUT = 300_000;
/** The parts that take a second or two; all of them are for people. */
const FILES = ["core/storage/batch-get.test.ts", "core/storage/transact.test.ts", "journey.test.ts"];

const testStorage = (...words: string[]) =>
  run(process.execPath, [PROGRAM, ...words], { env: { ...process.env, NO_COLOR: "1", VITEST: "" } });

const tablesAt = async (endpoint: string): Promise<readonly string[] | undefined> => {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
  const { TableNames } = await client.send(new ListTablesCommand({}));
  client.destroy();
  return TableNames;
};

test("passes against another engine, leaves no table there, and passes through DynamoDB's limits", {
  timeout: TIMEOUT,
}, async () => {
  const engine = await startEngine();
  const limits = await startLimits(engine.endpoint, {
    rules: ["units", "transactions", "indexes", "latency"],
    scale: 1,
  });
  try {
    for (const { endpoint } of [engine, limits]) {
      const { stdout } = await testStorage("--endpoint", endpoint, "--", ...FILES);
      expect(stdout).toMatch(/Test Files +3 passed/);
      expect(await tablesAt(engine.endpoint)).toEqual([]);
    }
    // The shop's own calls went through it.
    const { operations } = (await (await fetch(`${limits.endpoint}/limits`)).json()) as {
      operations: Record<string, number>;
    };
    expect(operations.TransactWriteItems).toBeGreaterThan(2);
  } finally {
    await limits.stop();
    await engine.stop();
  }
});

test("names an endpoint that is none", async () => {
  await expect(testStorage("--endpoint", "somewhere")).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('got "somewhere"'),
  });
});
