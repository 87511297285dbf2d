/**
 * `npm run verify -- HISTORY.jsonl [--data-dir DIR | --endpoint URL] [--prefix PREFIX]`: holds a
 * history that clients wrote against what the shop has stored, and prints the verdict. Exit code 1 when it
 * is violated or undecided, 2 when there is nothing to judge.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { parseHistory } from "./history.ts";
import { endpointOf, readState } from "./state.ts";
import { judge, printVerdict } from "./verdict.ts";

const USAGE = "Usage: npm run verify -- HISTORY.jsonl [--data-dir DIR | --endpoint URL] [--prefix PREFIX]";

if (process.argv.includes("--help")) {
  console.log(USAGE);
  process.exit(0);
}
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "data-dir": { type: "string", default: ".data" },
    endpoint: { type: "string" },
    prefix: { type: "string", default: "stampede-" },
  },
});
const [file, ...rest] = positionals;
if (!file || rest.length > 0) {
  console.error(USAGE);
  process.exit(2);
}
const history = parseHistory(await readFile(file, "utf8"));
if (history.length === 0) {
  console.error(`${file} is empty: nobody asked for anything, so there is nothing to judge`);
  process.exit(2);
}
const endpoint = values.endpoint ?? (await endpointOf(values["data-dir"]));
const verdict = judge(history, await readState(endpoint, values.prefix));
console.log(printVerdict(verdict));
process.exit(verdict.isOk ? 0 : 1);
