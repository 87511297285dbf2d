import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "..", "..", "..");
const NODE = process.env.NODE_BINARY ?? "node";

const versionOf = async (binary: string): Promise<string> => {
  const { stdout } = await run(binary, ["--version"]).catch(() => ({ stdout: "" }));
  return stdout.trim();
};
const version = await versionOf(NODE);
const [, major = 0, minor = 0] = /^v(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
/** From there on Node runs TypeScript as it is, and is a version that Lambda has. */
const isRecent = major > 22 || (major === 22 && minor >= 18);
const isBun = process.versions.bun !== undefined;
if (isBun && !isRecent) {
  console.warn(
    `SKIPPED: the lean DynamoDB client is not tested on Node: ${version || "no node"} is here, 22.18 or later is needed ` +
      "(set NODE_BINARY)",
  );
}

test.skipIf(!isBun || !isRecent)(
  "the tests beside this one pass on Node too",
  { timeout: 300_000 },
  async () => {
    const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
    const { stdout } = await run(NODE, [vitest, "run", "--project=unit", import.meta.dirname], {
      cwd: ROOT,
      env: { ...process.env, DYNAMODB_ENDPOINT: inject("dynamodbEndpoint"), NO_COLOR: "1" },
    });
    expect(stdout).toMatch(/Test Files +4 passed/);
  },
);
