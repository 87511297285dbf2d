import type { ExperimentResult } from "../report/run-result.ts";
import { cache } from "./cache/cache-experiment.ts";
import type { ExperimentName } from "./experiment-options.ts";
import { flash } from "./flash/flash-experiment.ts";
import { hot } from "./hot/hot-experiment.ts";
import { type Experiment, type Lab, planOf } from "./lab.ts";
import { limitsSection } from "./limits-section.ts";
import { load } from "./load/load-experiment.ts";
import { recovery } from "./recovery/recovery-experiment.ts";

const EXPERIMENTS: Readonly<Record<ExperimentName, Experiment>> = { load, cache, recovery, hot, flash };

export interface Outcome {
  readonly result: ExperimentResult;
  /** Why it did not come to its end, unless it was interrupted. */
  readonly error?: unknown;
}

/** Runs one experiment to its end, or until it fails or is interrupted, and tells what is known then. */
export const runExperiment = async (lab: Lab, name: ExperimentName): Promise<Outcome> => {
  const experiment = EXPERIMENTS[name];
  const startedAt = new Date();
  const trial = experiment.open(lab, planOf(experiment, lab.options));
  let error: unknown;
  try {
    await trial.measure();
  } catch (thrown) {
    error = thrown;
  } finally {
    lab.view.end();
  }
  const { warnings, ...findings } = trial.conclude();
  const limits = limitsSection(lab.limitCounts.splice(0));
  const reasons = lab.signal.aborted
    ? ["Interrupted: these are the figures until then."]
    : error === undefined
      ? []
      : [`Stopped by an error: ${error instanceof Error ? error.message : String(error)}`];
  const result: ExperimentResult = {
    ...findings,
    name,
    title: experiment.title,
    startedAt: startedAt.toISOString(),
    seconds: Math.round((Date.now() - startedAt.getTime()) / 100) / 10,
    isComplete: error === undefined,
    isQuick: lab.options.isQuick,
    warnings: [...reasons, ...warnings],
    ...(limits && { limits }),
  };
  return { result, ...(error !== undefined && !lab.signal.aborted && { error }) };
};
