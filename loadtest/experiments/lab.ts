import { setTimeout as sleep } from "node:timers/promises";
import type { PreloadedLocust } from "../harness/preloaded-locust.ts";
import { pick, type Random } from "../harness/random.ts";
import type { ExperimentResult, Run } from "../report/run-result.ts";
import type { Catalogues } from "./catalogues.ts";
import { type ExperimentName, type Options, remoteBounds } from "./experiment-options.ts";
import type { LimitCounts } from "./limit-counts.ts";
import type { LiveView } from "./live-view.ts";

/** Tools of every experiment. */
export interface Lab {
  readonly options: Options;
  /** Aborted when the person at the terminal has had enough. */
  readonly signal: AbortSignal;
  readonly view: LiveView;
  readonly catalogues: Catalogues;
  /** Of all load generators. */
  readonly locust: PreloadedLocust;
  /** The earlier run that this one is compared with. */
  readonly baseline?: Run;
  /** Of each stage under DynamoDB's limits that has been closed. */
  readonly limitCounts: LimitCounts[];
  /** Removed at the end. */
  readonly workDir: string;
}

/** How much of it; options win over an experiment's own. */
export interface Plan {
  readonly users: number;
  /** Seconds of each measured stretch. */
  readonly duration: number;
  readonly repeat: number;
}

export type Findings = Omit<
  ExperimentResult,
  "name" | "title" | "startedAt" | "seconds" | "isComplete" | "isQuick"
>;

export interface Trial {
  readonly measure: () => Promise<void>;
  /** Known so far: `measure` may have been cut off anywhere. */
  readonly conclude: () => Findings;
}

export interface Experiment {
  readonly name: ExperimentName;
  readonly title: string;
  readonly plans: { readonly full: Plan; readonly quick: Plan };
  readonly open: (lab: Lab, plan: Plan) => Trial;
}

/** An experiment's own numbers keep to the bounds for other machines as those on the command line do. */
export const planOf = ({ plans }: Pick<Experiment, "plans">, options: Options): Plan => {
  const plan = options.isQuick ? plans.quick : plans.full;
  const bounds = remoteBounds(options);
  const numberOf = (name: keyof Plan): number =>
    Math.min(options[name] ?? plan[name], bounds?.[name] ?? Number.POSITIVE_INFINITY);
  return { users: numberOf("users"), duration: numberOf("duration"), repeat: numberOf("repeat") };
};

/** Rejects at once when the run is interrupted. */
export const pause = ({ signal }: Lab, seconds: number): Promise<void> =>
  sleep(Math.max(0, seconds * 1_000), undefined, { signal });

export const nowSeconds = (): number => Date.now() / 1_000;

/** The same items in random order. */
export const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const left = new Set(items);
  return items.map(() => {
    const item = pick(random, [...left]);
    left.delete(item);
    return item;
  });
};

/** Nothing yet. */
export const noFindings: Findings = {
  summary: [],
  verdicts: [],
  warnings: [],
  method: [],
  settings: {},
  measures: [],
  charts: [],
  tables: [],
  raw: {},
};
