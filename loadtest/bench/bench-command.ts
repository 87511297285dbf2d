/**
 * `npm run bench -- NAME… [options]`: runs benchmarks and prints their tables. The figures also go to a JSON file,
 * those of a report to a folder with its charts.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { RunFileError, readRun } from "../report/run-file.ts";
import type { ExperimentResult, Run } from "../report/run-result.ts";
import { ACCESS_PARTS, benchmark as access } from "./access/access-bench.ts";
import { type Options, parseOptions, UsageError } from "./bench-options.ts";
import { reportOn } from "./bench-report.ts";
import type { Benchmark, Row } from "./benchmark.ts";
import { benchmark as cache } from "./cache-bench.ts";
import { benchmark as circuits } from "./circuits-bench.ts";
import { benchmark as consoleCost } from "./console-bench.ts";
import { GROWTH_PARTS, measureGrowth } from "./growth/growth.ts";
import { benchmark as hotStock } from "./hot-stock-bench.ts";
import { benchmark as limits } from "./limits-bench.ts";
import { benchmark as outage } from "./outage-bench.ts";
import { OVERLOAD_PARTS, benchmark as overload } from "./overload/overload.ts";
import { benchmark as policies } from "./policies-bench.ts";
import { profileSubject } from "./profile/profile-subject.ts";
import { benchmark as search } from "./search-bench.ts";
import { measureSpeed, NAMES as SUBJECTS } from "./speed/speed.ts";
import { benchmark as start } from "./start-bench.ts";
import { benchmark as storage } from "./storage-bench.ts";
import { benchmark as users } from "./users-bench.ts";

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  access,
  cache,
  circuits,
  console: consoleCost,
  "hot-stock": hotStock,
  limits,
  outage,
  overload,
  policies,
  search,
  start,
  storage,
  users,
};

/** Those with repeats, charts, and a comparison with an earlier run. */
const REPORTS: Readonly<Record<string, (options: Options) => Promise<ExperimentResult>>> = {
  growth: measureGrowth,
  speed: measureSpeed,
};

const RESULTS = join(import.meta.dirname, "..", "..", ".data", "bench");

const USAGE = `Usage: npm run bench -- NAME… [options]

  access     cost of a token, of an abusive address, and of slow clients (2 minutes)
  cache      the cache off, redis and tiered, and each tier by itself
  circuits   how soon circuits open and close, over 20 outages each (8 minutes)
  console    what an open console costs the shop, and its page a browser (5 minutes)
  growth     1 and 2 processes; products, cart lines, orders, requests in growing numbers; prices (15 minutes)
  hot-stock  orders a second of one product under DynamoDB's limits (3 minutes)
  limits     what DynamoDB's limits in front of the engine cost (4 minutes)
  outage     dependencies gone for half a minute each
  overload   where the shop refuses, and whether it has to (10 minutes)
  policies   what circuits, retries and tracing cost a call, and a read from memory
  search     search over the whole catalogue
  speed      CPU a request by kind of request, against bare Bun.serve and Go (5 minutes)
  start      a first start and a restart
  storage    CPU of a storage call, by the SDK and by the lean client (1 minute)
  users      1,000 customers who mostly write, with pauses (1 minute)

  --only A,B       speed: of ${SUBJECTS.join(", ")}
                   growth: of ${GROWTH_PARTS.join(", ")}
                   overload: of ${OVERLOAD_PARTS.join(", ")}
                   access: of ${ACCESS_PARTS.join(", ")}
  --rounds N       speed, console, growth, access: how often each is measured (5, 18, 3, 5)
  --seconds S      speed, overload, users, search, access, console: seconds of each measured stretch
  --compare FILE   speed, growth: result.json of an earlier run
  --quick          growth: without the largest sizes
  --profile A      speed: a flame graph of the shop under one subject instead`;

const runOne = async (name: string, options: Options, former: Run | undefined): Promise<void> => {
  const report = REPORTS[name];
  if (name === "speed" && options.profile) {
    return profileSubject(options.profile, join(RESULTS, name), options);
  }
  if (report) {
    const result = await report(options);
    for (const { title, columns, rows } of result.tables) {
      print(
        title,
        rows.map((row) => Object.fromEntries(row.map((cell, i) => [columns[i] ?? "", cell]))),
      );
    }
    for (const warning of result.warnings) console.log(`warning: ${warning}`);
    for (const page of await reportOn(result, join(RESULTS, name), former)) console.log(page);
    return;
  }
  const tables = (await BENCHMARKS[name]?.(options)) ?? {};
  for (const [title, rows] of Object.entries(tables)) print(title, rows);
  const file = join(RESULTS, `${name}.json`);
  await writeFile(file, `${JSON.stringify({ name, at: new Date().toISOString(), tables }, null, 2)}\n`);
  console.log(`written to ${relative(process.cwd(), file)}`);
};

const print = (title: string, rows: readonly Row[]): void => {
  console.log(`\n${title}`);
  console.table(rows);
};

if (process.argv.includes("--help")) {
  console.log(USAGE);
  process.exit(0);
}
try {
  const options = parseOptions(process.argv.slice(2), USAGE);
  const unknown = options.names.filter((name) => !Object.hasOwn({ ...BENCHMARKS, ...REPORTS }, name));
  if (unknown.length > 0) throw new UsageError(`There is no benchmark ${unknown.join(", ")}\n\n${USAGE}`);
  await mkdir(RESULTS, { recursive: true });
  const former = options.compare === undefined ? undefined : await readRun(options.compare);
  for (const name of options.names) await runOne(name, options, former);
  process.exit(0);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof RunFileError)) throw error;
  console.error(error.message);
  process.exit(2);
}
