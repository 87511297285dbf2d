import type { ChargeRow, OrderRow } from "../../verify/checker/state.ts";
import type { RunningLoad } from "../generator.ts";
import type { Plan } from "../lab.ts";
import type { VerdictEntry } from "../lab-verdict.ts";
import type { Sampler } from "../sampler.ts";
import type { ArmSetting } from "./arms.ts";
import type { startProbing } from "./probe.ts";
import type { Target } from "./recovery-faults.ts";

/** One shop. */
export interface Arm {
  readonly setting: ArmSetting;
  /** The orders that it has in the end; none where its storage can't be read. */
  orders: readonly OrderRow[];
  charges: readonly ChargeRow[];
  readonly load: RunningLoad;
  readonly sampler: Sampler;
  readonly probe: ReturnType<typeof startProbing>;
}

/** One fault, in all arms at the same time. Moments in epoch seconds. */
export interface Episode {
  readonly fault: string;
  readonly target: Target;
  readonly repeat: number;
  readonly from: number;
  readonly to: number;
  /** When the next one begins. */
  readonly until: number;
}

export interface RecoveryObservations {
  readonly plan: Plan;
  readonly arms: Arm[];
  readonly episodes: Episode[];
  readonly verdicts: VerdictEntry[];
}

/** How long customers are watched after each fault. */
export const recoverySeconds = ({ duration }: Plan): number => Math.max(3, duration - 2);
