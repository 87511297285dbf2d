import { relative } from "node:path";
import { environmentOf } from "../experiments/lab-environment.ts";
import { compareRuns } from "../report/compare-runs.ts";
import { factor, factorRange, withUnit } from "../report/format.ts";
import { type ExperimentResult, type Run, STARTED_HERE } from "../report/run-result.ts";
import { writeReport } from "../report/write-report.ts";

/**
 * Writes the report of a benchmark, compared with an earlier run where there is one.
 *
 * @returns lines for the terminal
 */
export const reportOn = async (result: ExperimentResult, dir: string, former?: Run): Promise<string[]> => {
  const environment = environmentOf(["wrk", "golang-go", "redis-server"], {
    command: `npm run bench -- ${process.argv.slice(2).join(" ")}`,
    seed: 0,
    target: STARTED_HERE,
  });
  const run: Run = { version: 1, environment, results: [result] };
  const page = await writeReport(run, dir, former);
  return [...(former ? changesOf(run, former) : []), `written to ${relative(process.cwd(), page)}`];
};

const changesOf = (run: Run, former: Run): string[] => {
  const { baseline, measures, conditions } = compareRuns(run, former);
  const lines = measures.map(({ measure: { label, unit }, before, after, ratio, interval, change }) => {
    const values = `${withUnit(before, unit)} then, ${withUnit(after, unit)} now`;
    return `${change.padEnd(8)} ${label}: ${values} (${factor(ratio)}, ${factorRange(interval)})`;
  });
  return [`\nAgainst ${baseline.commit}:`, ...lines, ...conditions.map((text) => `not the same: ${text}`)];
};
