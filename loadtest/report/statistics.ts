/** Statistics of few, noisy samples. Everything is seeded: the same samples give the same figures. */
import { pick, type Random, seeded } from "../harness/random.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2_000;
const CONFIDENCE = 0.95;
const SEED = 20_140_915;

/** Floats sort several times faster without a comparison of ours, and intervals sort thousands of times. */
const ascending = (samples: readonly number[]): Float64Array => new Float64Array(samples).sort();

/** The value below which a share of the samples lies (nearest rank). `share` is from 0 to 1; NaN of none. */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = ascending(samples);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

/** The middle sample, or the mean of the two middle ones; NaN of none. */
export const median = (samples: readonly number[]): number => {
  const sorted = ascending(samples);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? Number.NaN) + upper) / 2;
};

/**
 * The 95 % interval of the median: percentile bootstrap (Efron and Tibshirani, An Introduction to the
 * Bootstrap, 1993, chapter 13). Undefined for fewer than two samples. Of up to five samples it is their whole
 * range, which holds the true median with a probability of only 1 - 2^(1 - n): 75 % for three, 94 % for five.
 */
export const medianInterval = (samples: readonly number[]): Interval | undefined =>
  samples.length < 2 ? undefined : intervalOf((random) => median(resampled(samples, random)));

/**
 * The median of `samples` divided by that of `baseline`, both of quantities that cannot be negative.
 * 0/0 counts as 1: nothing was there, and nothing is.
 */
export const ratioOfMedians = (samples: readonly number[], baseline: readonly number[]): number =>
  ratio(median(samples), median(baseline));

/**
 * The 95 % interval of `ratioOfMedians`: both sides resampled, each on its own. Undefined when either has fewer
 * than two samples; `high` is Infinity where the baseline's median may be 0.
 */
export const ratioInterval = (
  samples: readonly number[],
  baseline: readonly number[],
): Interval | undefined =>
  Math.min(samples.length, baseline.length) < 2
    ? undefined
    : intervalOf((random) => ratioOfMedians(resampled(samples, random), resampled(baseline, random)));

export type Difference = "higher" | "lower" | "same" | "too few repeats";

/** Requirements for being told apart from noise. */
export interface DifferenceLimits {
  /** The least change of the median that matters to anyone, as a share of the baseline's. */
  readonly share: number;
  /** The same where the measure is a share itself: 100 % and 95.5 % are close as a ratio, but not to those 4.5 %. */
  readonly points: number;
  /** The least samples a side. */
  readonly repeats: number;
}

export const DIFFERENCE_LIMITS: DifferenceLimits = { share: 0.05, points: 0.01, repeats: 3 };

/**
 * Whether `samples` differ from `baseline` beyond the noise: the interval of the ratio of their medians leaves
 * out 1, and the medians differ by at least the share that matters. Where nothing has changed, noise
 * alone can do that to one comparison in ten with three samples a side, to one in 20 with five or more.
 *
 * @param isShare whether they are shares, from 0 to 1
 */
export const differenceOf = (
  samples: readonly number[],
  baseline: readonly number[],
  isShare = false,
  { share, points, repeats }: DifferenceLimits = DIFFERENCE_LIMITS,
): { readonly difference: Difference; readonly ratio: number; readonly interval: Interval | undefined } => {
  const ratio = ratioOfMedians(samples, baseline);
  const interval = ratioInterval(samples, baseline);
  if (!interval || Math.min(samples.length, baseline.length) < repeats) {
    return { difference: "too few repeats", ratio, interval };
  }
  const isSmall = isShare
    ? Math.abs(median(samples) - median(baseline)) < points
    : Math.abs(ratio - 1) < share;
  const isNoise = (interval.low <= 1 && interval.high >= 1) || isSmall;
  return { difference: isNoise ? "same" : ratio > 1 ? "higher" : "lower", ratio, interval };
};

const ratio = (value: number, base: number): number => (value === base ? 1 : value / base);

const resampled = <T>(samples: readonly T[], random: Random): T[] => samples.map(() => pick(random, samples));

/** Values of an estimate for samples drawn from these again and again, as many each time. */
export const bootstrap = <T, E>(
  samples: readonly T[],
  resamples: number,
  estimate: (drawn: readonly T[]) => E,
): E[] => {
  const random = seeded(SEED);
  return Array.from({ length: resamples }, () => estimate(resampled(samples, random)));
};

/** Fewer samples than this have no other bootstrap interval than their whole range, or nearly. */
const LEAST_FOR_INTERVAL = 6;

/** The name of an interval of this number of samples. */
export const intervalName = (samples: number): "95 % interval" | "range" =>
  samples < LEAST_FOR_INTERVAL ? "range" : "95 % interval";

/** For a column of intervals: the name of the surest, and what to add to those that are not as sure. */
export const intervalColumn = (counts: readonly number[]) => {
  const title = intervalName(Math.max(0, ...counts));
  return {
    title,
    cell: (text: string, samples: number): string =>
      samples < 2 || intervalName(samples) === title ? text : `${text} (${intervalName(samples)})`,
  };
};

const intervalOf = (estimate: (random: Random) => number): Interval => {
  const random = seeded(SEED);
  const estimates = Array.from({ length: RESAMPLES }, () => estimate(random));
  return {
    low: percentile(estimates, (1 - CONFIDENCE) / 2),
    high: percentile(estimates, (1 + CONFIDENCE) / 2),
  };
};
