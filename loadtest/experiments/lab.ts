import { setTimeout as sleep } from "node:timers/promises";
import { pick, type Random } from "../proxy/random.ts";
import type { ExperimentName, ExperimentResult } from "../report/result.ts";
import type { Catalogues } from "./catalogues.ts";
import type { LiveView } from "./live-view.ts";
import type { Options } from "./options.ts";

/** What every experiment works with. */
export interface Lab {
  readonly options: Options;
  /** Aborted when the person at the terminal has had enough. */
  readonly signal: AbortSignal;
  readonly view: LiveView;
  readonly catalogues: Catalogues;
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
  /** What is known so far: `measure` may have been cut off anywhere. */
  readonly conclude: () => Findings;
}

export interface Experiment {
  readonly name: ExperimentName;
  readonly title: string;
  readonly plans: { readonly full: Plan; readonly quick: Plan };
  readonly open: (lab: Lab, plan: Plan) => Trial;
}

export const planOf = ({ plans }: Experiment, { isQuick, users, duration, repeat }: Options): Plan => {
  const plan = isQuick ? plans.quick : plans.full;
  return {
    users: users ?? plan.users,
    duration: duration ?? plan.duration,
    repeat: repeat ?? plan.repeat,
  };
};

/** Rejects at once when the run is interrupted. */
export const pause = ({ signal }: Lab, seconds: number): Promise<void> =>
  sleep(Math.max(0, seconds * 1_000), undefined, { signal });

export const nowSeconds = (): number => Date.now() / 1_000;

/** The same items in an order of chance. */
export const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const left = new Set(items);
  return items.map(() => {
    const item = pick(random, [...left]);
    left.delete(item);
    return item;
  });
};
