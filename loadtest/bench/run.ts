/** `npm run bench -- NAME`: runs a benchmark and prints its table; the figures also go to a JSON file. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { benchmark as cache } from "./cache.ts";
import { benchmark as outage } from "./outage.ts";
import { benchmark as overload } from "./overload.ts";
import { benchmark as policies } from "./policies.ts";
import { benchmark as search } from "./search.ts";
import { benchmark as start } from "./start.ts";

export type Row = Record<string, string | number>;

/** What a benchmark gives: tables by their titles, each with the baseline of its ratios as the first row. */
export type Benchmark = () => Promise<Record<string, Row[]>>;

const BENCHMARKS: Readonly<Record<string, Benchmark>> = { cache, outage, overload, policies, search, start };
const RESULTS = join(import.meta.dirname, "..", "..", ".data", "bench");

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(BENCHMARKS, name));
if (names.length === 0 || unknown.length > 0) {
  console.error(`Usage: npm run bench -- NAME…   with NAME one of ${Object.keys(BENCHMARKS).join(", ")}`);
  process.exit(2);
}
await mkdir(RESULTS, { recursive: true });
for (const name of names) {
  const tables = (await BENCHMARKS[name]?.()) ?? {};
  for (const [title, rows] of Object.entries(tables)) {
    console.log(`\n${title}`);
    console.table(rows);
  }
  const file = join(RESULTS, `${name}.json`);
  await writeFile(file, `${JSON.stringify({ name, at: new Date().toISOString(), tables }, null, 2)}\n`);
  console.log(`written to ${file}`);
}
process.exit(0);
