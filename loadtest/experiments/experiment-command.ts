/**
 * `npm run experiment -- NAME`: runs an experiment and writes its report. Exit code 1 when a verdict does not
 * hold or an experiment failed, 2 for what is to be put right at the terminal, 130 when interrupted.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { preloadLocust } from "../harness/preloaded-locust.ts";
import { RunFileError, readRun } from "../report/run-file.ts";
import type { Run } from "../report/run-result.ts";
import { PAGE, writeReport } from "../report/write-report.ts";
import { openCatalogues } from "./catalogues.ts";
import { type Options, parseOptions, USAGE, UsageError } from "./experiment-options.ts";
import type { Lab } from "./lab.ts";
import { readEnvironment, requireFolder, requirePrograms } from "./lab-environment.ts";
import { openLiveView } from "./live-view.ts";
import { requireLimits, requireShop } from "./preflight.ts";
import { type Outcome, runExperiment } from "./runner.ts";
import { withoutLocustOptions } from "./shell.ts";
import { printOutcome } from "./terminal.ts";

const RESULTS = join(import.meta.dirname, "..", "results");
const INTERRUPTED = 130;

const words = process.argv.slice(2);

const main = async (): Promise<number> => {
  if (words.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  const options = parseOptions(words);
  requireLimits(options);
  requirePrograms(options);
  await requireShop(options);
  const baseline = options.baseline ? await readRun(options.baseline) : undefined;
  const environment = readEnvironment(options, words);
  const dir = options.out ?? join(RESULTS, nameOf(options));
  await requireFolder(dir);
  const interruption = new AbortController();
  const interrupt = (): void => {
    // A second Ctrl-C means at once.
    if (interruption.signal.aborted) process.exit(INTERRUPTED);
    process.stderr.write("\nInterrupted: cleaning up and writing what there is\n");
    interruption.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  // A closed terminal takes the output along: a failed write must not end the run.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

  const workDir = await mkdtemp(join(tmpdir(), "stampede-experiment-"));
  const locust = preloadLocust(withoutLocustOptions());
  const run: Run = { version: 1, environment, results: [] };
  const outcomes: Outcome[] = [];
  try {
    const lab: Lab = {
      options,
      workDir,
      limitCounts: [],
      signal: interruption.signal,
      view: openLiveView(),
      catalogues: openCatalogues(workDir),
      locust,
      ...(baseline && { baseline }),
    };
    for (const name of options.names) {
      if (interruption.signal.aborted) break;
      const outcome = await runExperiment(lab, name);
      outcomes.push(outcome);
      run.results.push(outcome.result);
      console.log(printOutcome(outcome));
      // After each, for what comes next may take half an hour, or end this process.
      await writeReport(run, dir, baseline);
    }
  } finally {
    await locust.close();
    await rm(workDir, { recursive: true, force: true });
  }
  if (outcomes.length > 0) console.log(`Report: ${relative(process.cwd(), join(dir, PAGE))}`);
  if (interruption.signal.aborted) return INTERRUPTED;
  const isFine = outcomes.every(({ error, result }) => !error && result.verdicts.every(({ isOk }) => isOk));
  return isFine ? 0 : 1;
};

const nameOf = ({ names }: Options): string => {
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "");
  return `${names.length === 1 ? names[0] : "all"}-${time}`;
};

try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof UsageError || error instanceof RunFileError)) throw error;
  console.error(error.message);
  process.exit(2);
}
