/** `npm run bench -- NAME`: runs a benchmark and prints its table; the figures also go to a JSON file. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { benchmark as search } from "./search.ts";
import { benchmark as start } from "./start.ts";

/** What a benchmark gives: rows for a table, the first of which is the baseline of the ratios. */
export type Benchmark = () => Promise<Record<string, string | number>[]>;

const BENCHMARKS: Readonly<Record<string, Benchmark>> = { search, start };
const RESULTS = join(import.meta.dirname, "..", "..", ".data", "bench");

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(BENCHMARKS, name));
if (names.length === 0 || unknown.length > 0) {
  console.error(`Usage: npm run bench -- NAME…   with NAME one of ${Object.keys(BENCHMARKS).join(", ")}`);
  process.exit(2);
}
await mkdir(RESULTS, { recursive: true });
for (const name of names) {
  const rows = (await BENCHMARKS[name]?.()) ?? [];
  console.log(`\n${name}`);
  console.table(rows);
  const file = join(RESULTS, `${name}.json`);
  await writeFile(file, `${JSON.stringify({ name, at: new Date().toISOString(), rows }, null, 2)}\n`);
  console.log(`written to ${file}`);
}
process.exit(0);
