/**
 * `npm run torture -- [--kills 200] [--seed N] [--users 24]`: kills the server again and again under load and
 * prints the verdict. Exit code 1 unless it is ok. Evidence is kept in `.data/torture`.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { torture } from "./torture.ts";
import { printResult } from "./torture-summary.ts";

const USAGE = "Usage: npm run torture -- [--kills 200] [--seed N] [--users 24]";

if (process.argv.includes("--help")) {
  console.log(USAGE);
  process.exit(0);
}
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    users: { type: "string", default: "24" },
  },
});
const [kills = 0, seed = 0, users = 0] = [values.kills, values.seed, values.users].map(Number);
if (
  ![kills, seed, users].every((value) => Number.isSafeInteger(value) && value >= 0) ||
  kills * users === 0
) {
  console.error(USAGE);
  process.exit(2);
}
const dir = join(import.meta.dirname, "..", "..", "..", ".data", "torture", `seed-${seed}`);
await rm(dir, { recursive: true, force: true });
await mkdir(dir, { recursive: true });

console.error(`seed ${seed}: ${kills} kills under ${users} shoppers`);
const bar = new SingleBar({
  format: "kills {bar} {value}/{total} | {duration_formatted} | last: {trouble}",
  hideCursor: true,
  noTTYOutput: true,
  notTTYSchedule: 10_000,
});
bar.start(kills, 0, { trouble: "" });
let result: Awaited<ReturnType<typeof torture>>;
try {
  result = await torture({
    kills,
    seed,
    users,
    dir,
    onKill: (kill, trouble) => bar.update(kill, { trouble }),
  });
} finally {
  bar.stop();
}
console.log(`\nseed ${seed}, ${kills} kills\n${printResult(result)}\nhistory and log: ${dir}`);
process.exit(result.verdict.isOk ? 0 : 1);
