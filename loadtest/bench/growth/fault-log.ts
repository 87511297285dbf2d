import { percent } from "../../experiments/lab-figures.ts";
import type { Sample } from "../speed/rounds.ts";

type Faults = Pick<Sample, "refused" | "failed">;

export type FaultLog = ReturnType<typeof openFaultLog>;

/** Refusals and failures of measured stretches: they cost less than answers, so that figures come out too low. */
export const openFaultLog = () => {
  const stretches = new Map<string, Faults>();
  return {
    /** Notes a stretch; its name may come again in every round. @returns the same stretch */
    note<S extends Faults>(name: string, stretch: S): S {
      const { refused, failed } = stretches.get(name) ?? { refused: 0, failed: 0 };
      stretches.set(name, {
        refused: Math.max(refused, stretch.refused),
        failed: failed + stretch.failed,
      });
      return stretch;
    },

    /** A sentence for each that had any. */
    warnings: (): string[] =>
      [...stretches].flatMap(([name, { refused, failed }]) => {
        const faults = [
          ...(refused > 0 ? [`up to ${percent(refused)} refused`] : []),
          ...(failed > 0 ? [`${failed} failed`] : []),
        ];
        if (faults.length === 0) return [];
        return `${name}: ${faults.join(", ")}. These cost less than an answer, so its CPU is shown too low.`;
      }),
  };
};
