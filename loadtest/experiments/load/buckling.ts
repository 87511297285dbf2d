import { figure, percent } from "../lab-figures.ts";

/** Outcome of a step, as far as it shows whether the shop bears it. */
export interface Answers {
  readonly users: number;
  /** Good answers. */
  readonly answers: number;
  /** Of them, a second. */
  readonly throughput: number;
  /** Milliseconds. */
  readonly p95: number | null;
  /** Of all answers; null where none came. */
  readonly success: number | null;
}

/** A step beyond one of these is more than the shop can take. */
export const LIMITS = {
  /** p95 in milliseconds. */
  p95: 2_000,
  /** Share of answers that are refused or fail. */
  lost: 0.05,
  /** Share by which throughput may be below the greatest before. */
  fall: 0.15,
} as const;

/** Why the last of these steps is too much, in words; undefined when the shop bears it. */
export const buckled = (steps: readonly Answers[]): string | undefined => {
  const last = steps.at(-1);
  if (!last) return undefined;
  const lost = last.success === null ? 1 : 1 - last.success;
  const reasons: string[] = [];
  if (lost > LIMITS.lost) reasons.push(`${percent(lost)} refused or failed`);
  if (last.p95 !== null && last.p95 > LIMITS.p95) reasons.push(`p95 ${figure(last.p95)} ms`);
  const best = steps.slice(0, -1).reduce<Answers | undefined>(greater, undefined);
  if (best && hasFallen(best, last)) {
    reasons.push(`${figure(last.throughput)} instead of ${figure(best.throughput)} good answers/s`);
  }
  return reasons.length > 0 ? reasons.join(", ") : undefined;
};

const greater = (best: Answers | undefined, step: Answers): Answers =>
  best && best.throughput >= step.throughput ? best : step;

/** By more than the limit, and by more than counts vary by chance (three standard deviations of a Poisson count). */
const hasFallen = (best: Answers, last: Answers): boolean => {
  const share = last.throughput / best.throughput;
  return share < 1 - LIMITS.fall && best.answers * (1 - share) > 3 * Math.sqrt(best.answers);
};
