import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { lambdaNodeFor } from "../../../functions/testing/lambda/lambda-node.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "..", "..", "..");
const isBun = process.versions.bun !== undefined;
const node = isBun ? await lambdaNodeFor("the lean DynamoDB client on Node", 22) : undefined;

test.skipIf(node === undefined)(
  "the tests beside this one pass on Node too",
  { timeout: 300_000 },
  async () => {
    const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
    const { stdout } = await run(node ?? "", [vitest, "run", "--project=unit", import.meta.dirname], {
      cwd: ROOT,
      env: { ...process.env, DYNAMODB_ENDPOINT: inject("dynamodbEndpoint"), NO_COLOR: "1" },
    });
    const beside = readdirSync(import.meta.dirname).filter((name) => /(?<!e2e)\.test\.ts$/.test(name));
    expect(stdout).toMatch(new RegExp(`Test Files +${beside.length} passed`));
  },
);
