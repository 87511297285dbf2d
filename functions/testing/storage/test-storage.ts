/**
 * `npm run test:storage -- [--endpoint URL] [FILE…]`: the tests of what is stored, and a customer's whole way, against any
 * DynamoDB API: DynamoDB Local, the limits layer, or (`https://dynamodb.REGION.amazonaws.com`, with credentials) Amazon's
 * own. Without an endpoint they run on an embedded engine of their own. Each file makes tables of its own and deletes them.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const USAGE = "Usage: npm run test:storage -- [--endpoint URL] [FILE…]";

/** Those that ask storage itself, not a scripted one. */
const TESTS = [
  "core/storage/batch-get.test.ts",
  "core/storage/transact.test.ts",
  "core/cart",
  "core/order",
  "core/stock",
  "functions/testing/storage",
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { endpoint: { type: "string" }, help: { type: "boolean" } },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const { endpoint } = values;
if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) {
  console.error(`--endpoint must be an http(s) URL, got ${JSON.stringify(endpoint)}\n${USAGE}`);
  process.exit(2);
}
const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
const files = positionals.length > 0 ? positionals : TESTS;
const child = spawn(process.execPath, ["--bun", vitest, "run", "--pool=threads", ...files], {
  cwd: ROOT,
  stdio: "inherit",
  env: { ...process.env, DYNAMODB_ENDPOINT: endpoint ?? "" },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
const [code] = await once(child, "exit");
process.exit(code ?? 1);
