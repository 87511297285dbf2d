import type { RunningLoad, Stretch } from "../generator.ts";
import type { Plan } from "../lab.ts";
import type { VerdictEntry } from "../lab-verdict.ts";
import type { Sampler } from "../sampler.ts";

/** A stretch with a number of users on a number of server processes. */
export interface Step {
  readonly servers: number;
  readonly repeat: number;
  readonly users: number;
  readonly load: RunningLoad;
  readonly stretch: Stretch;
}

export interface LoadObservations {
  readonly plan: Plan;
  readonly products: number;
  readonly steps: Step[];
  /** The warm-up's included. */
  readonly loads: RunningLoad[];
  readonly verdicts: VerdictEntry[];
  sampler?: Sampler;
}
