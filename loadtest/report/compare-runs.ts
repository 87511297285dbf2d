/** Changes between two runs, as far as their noise lets one tell. */
import { capital } from "./format.ts";
import type { ExperimentResult, Measure, Run } from "./run-result.ts";
import { type Difference, differenceOf, type Interval, median } from "./statistics.ts";

export type Change = "worse" | "better" | "changed" | "same" | "too few repeats" | "not comparable";

export interface ComparedMeasure {
  /** Its name as a heading. */
  readonly experiment: string;
  readonly measure: Measure;
  readonly before: number;
  readonly after: number;
  readonly ratio: number;
  /** Of the ratio. */
  readonly interval: Interval | undefined;
  /** Samples of the side that has fewer. */
  readonly samples: number;
  readonly change: Change;
}

export interface Comparison {
  readonly baseline: Run["environment"];
  readonly baselineStartedAt: string | undefined;
  /** Those that differ first, the worse before the better. */
  readonly measures: readonly ComparedMeasure[];
  /** Labels of measures that only the baseline has, and that only this run has. */
  readonly missing: readonly string[];
  readonly added: readonly string[];
  /** Differences between the runs apart from what is compared, a sentence each. */
  readonly conditions: readonly string[];
}

/** The unit of measures that are a part of something, from 0 to 1. */
const SHARE = "share";

/** For readers of a comparison. */
export const COMPARISON_LIMITS =
  "Intervals hold the noise within a run only: what else the machine did in the hour of the one and not in that of the other " +
  "passes for a difference. Before you believe one, run both again.";

const ORDER: readonly Change[] = ["worse", "better", "changed", "not comparable", "too few repeats", "same"];

export const compareRuns = (run: Run, baseline: Run): Comparison => {
  const before = measuresOf(baseline);
  const after = measuresOf(run);
  const measures = [...after].flatMap(([id, { experiment, measure }]) => {
    const former = before.get(id)?.measure;
    return former ? [compared(experiment, measure, former)] : [];
  });
  return {
    baseline: baseline.environment,
    baselineStartedAt: baseline.results[0]?.startedAt,
    measures: measures.sort((one, other) => ORDER.indexOf(one.change) - ORDER.indexOf(other.change)),
    missing: labelsOf(before, after),
    added: labelsOf(after, before),
    conditions: [...environmentChanges(run, baseline), ...settingChanges(run, baseline)],
  };
};

type Measures = ReadonlyMap<string, { readonly experiment: string; readonly measure: Measure }>;

const measuresOf = ({ results }: Run): Measures =>
  new Map(
    results.flatMap(({ name, measures }) =>
      measures.map((measure) => [`${name} ${measure.id}`, { experiment: capital(name), measure }] as const),
    ),
  );

const labelsOf = (measures: Measures, others: Measures): string[] =>
  [...measures]
    .filter(([id]) => !others.has(id))
    .map(([, { experiment, measure }]) => `${experiment}: ${measure.label}`);

const compared = (experiment: string, measure: Measure, former: Measure): ComparedMeasure => {
  const { difference, ratio, interval } = differenceOf(
    measure.samples,
    former.samples,
    measure.unit === SHARE,
  );
  const isComparable = measure.unit === former.unit && Math.min(...measure.samples, ...former.samples) >= 0;
  return {
    experiment,
    measure,
    before: median(former.samples),
    after: median(measure.samples),
    ratio,
    interval,
    samples: Math.min(measure.samples.length, former.samples.length),
    change: isComparable ? changeOf(difference, measure.better) : "not comparable",
  };
};

const changeOf = (difference: Difference, better: Measure["better"]): Change => {
  if (difference === "same" || difference === "too few repeats") return difference;
  if (better === "neither") return "changed";
  return difference === better ? "better" : "worse";
};

const environmentChanges = (run: Run, baseline: Run): string[] => {
  const now = run.environment;
  const then = baseline.environment;
  const facts: readonly (readonly [string, string | number, string | number])[] = [
    ["machine", then.machine, now.machine],
    ["cores", then.cores, now.cores],
    ["memory (GB)", then.memoryGb, now.memoryGb],
    ["target", withoutPort(then.target), withoutPort(now.target)],
    ...[...new Set([...Object.keys(then.versions), ...Object.keys(now.versions)])].map(
      (program) => [program, then.versions[program] ?? "none", now.versions[program] ?? "none"] as const,
    ),
  ];
  return facts.flatMap(([name, before, after]) => changed(name, before, after));
};

/** A server started for the run listens on any free port. */
const withoutPort = (target: string): string => target.replaceAll(/(127\.0\.0\.1|localhost):\d+/g, "$1");

const settingChanges = (run: Run, baseline: Run): string[] =>
  run.results.flatMap((result) => {
    const former = baseline.results.find(({ name }) => name === result.name);
    if (!former) return [`${capital(result.name)} is not in the baseline`];
    const settings = [...new Set([...Object.keys(former.settings), ...Object.keys(result.settings)])];
    return [
      ...changed(`${capital(result.name)}: kind of run`, kindOf(former), kindOf(result)),
      ...settings.flatMap((name) =>
        changed(
          `${capital(result.name)}: ${name}`,
          former.settings[name] ?? "unset",
          result.settings[name] ?? "unset",
        ),
      ),
    ];
  });

const kindOf = ({ isQuick, isComplete }: ExperimentResult): string =>
  `${isQuick ? "quick" : "full"}${isComplete ? "" : ", incomplete"}`;

const changed = (
  name: string,
  before: string | number | boolean,
  after: string | number | boolean,
): string[] => (before === after ? [] : [`${name}: ${before} then, ${after} now`]);

/** How many compared measures there are of each kind of change. */
export const changeCounts = ({ measures }: Comparison): Readonly<Record<Change, number>> => {
  const count = (change: Change): number => measures.filter((measure) => measure.change === change).length;
  return {
    worse: count("worse"),
    better: count("better"),
    changed: count("changed"),
    same: count("same"),
    "too few repeats": count("too few repeats"),
    "not comparable": count("not comparable"),
  };
};
