/**
 * `npm run fuzz -- [--requests 100000] [--seed N] [--conditions open,calm,faults,overload]`: sends generated requests of
 * every operation to a shop of its own and judges each answer by the OpenAPI document. Exit code 1 for any finding.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { openCallers } from "../../harness/callers.ts";
import { endPolitely } from "../../harness/end-politely.ts";
import { startShop } from "../../harness/shop-process.ts";
import { CONDITION_NAMES, type ConditionName } from "./conditions.ts";
import type { FuzzResult } from "./fuzz.ts";
import { describeAnswers, describeFindings, describeSightings } from "./fuzz-report.ts";
import { environmentFor, fuzzShop, leaksIn } from "./fuzz-shop.ts";

const USAGE = `Usage: npm run fuzz -- [--requests 100000] [--seed N] [--conditions ${CONDITION_NAMES.join(",")}]

Sends generated requests to a shop of its own and checks every answer against the OpenAPI document: with
AUTH=open, then with AUTH=jwt as a caller of each role, calm, with faults and overloaded. No caller may see
another's cart or orders. The requests are shared out among the conditions.`;

const fail = (message: string): never => {
  console.error(`${message}\n\n${USAGE}`);
  process.exit(2);
};

const given = () => {
  try {
    return parseArgs({
      options: {
        requests: { type: "string", default: "100000" },
        seed: { type: "string", default: String(Date.now() % 1_000_000) },
        conditions: { type: "string", default: CONDITION_NAMES.join(",") },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return fail((error as Error).message);
  }
};

const options = () => {
  const values = given();
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const [requests = 0, seed = 0] = [values.requests, values.seed].map(Number);
  if (!Number.isSafeInteger(requests) || requests < 1) fail("--requests must be a positive integer");
  if (!Number.isSafeInteger(seed) || seed < 0) fail("--seed must be a non-negative integer");
  const names = values.conditions.split(",").map((name) => {
    const known = CONDITION_NAMES.find((condition) => condition === name);
    return known ?? fail(`--conditions does not know ${JSON.stringify(name)}`);
  });
  return { requests, seed, names };
};

const fuzzUnder = async (name: ConditionName, requests: number, seed: number): Promise<FuzzResult> => {
  const callers = await openCallers();
  const dir = await mkdtemp(join(tmpdir(), "stampede-fuzz-"));
  const shop = await startShop({ ...environmentFor(name, callers), DATA_DIR: dir });
  const bar = new SingleBar({
    format: `${name} {bar} {value}/{total} | {duration_formatted}`,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  bar.start(requests, 0);
  try {
    const onAnswer = () => bar.increment();
    const result = await fuzzShop(name, callers, { url: shop.url, requests, seed, onAnswer });
    const leaks = leaksIn(shop.output(), callers);
    if (leaks.length > 0) throw new Error(`The shop has printed ${leaks.length} secrets`);
    return result;
  } finally {
    bar.stop();
    await endPolitely(shop);
    await rm(dir, { recursive: true, force: true });
  }
};

const run = async (): Promise<number> => {
  const { requests, seed, names } = options();
  console.error(`seed ${seed}`);
  let sent = 0;
  let found = 0;
  for (const name of names) {
    const result = await fuzzUnder(name, Math.ceil(requests / names.length), seed);
    sent += result.sent;
    found += result.findings.length;
    console.log(`${name}: ${describeAnswers(result)}`);
    if (name !== "open") console.log(`${name}: own data seen ${describeSightings(result)}`);
    if (result.findings.length > 0) console.log(`\n${describeFindings(result)}\n`);
  }
  console.log(`${found} findings in ${sent.toLocaleString("en-US")} requests (seed ${seed})`);
  return found;
};

process.exit((await run()) === 0 ? 0 : 1);
