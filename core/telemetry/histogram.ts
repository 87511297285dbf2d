/** Buckets to a power of two: a bucket's middle is at most 1/64 of a value away from it, 1.6 %. */
const PER_OCTAVE = 32;
/** Exponents of two that have buckets: from a nanosecond, where the unit is a millisecond, to a terabyte. */
const LOWEST = -20;
const HIGHEST = 40;
/** Each bucket includes its upper end, as `le` does. The first one takes all smaller values, the last one all larger. */
const BUCKETS = 1 + (HIGHEST - LOWEST) * PER_OCTAVE;

/** A double's exponent and the first five bits of its mantissa number the buckets without gaps. */
const MANTISSA_SHIFT = 20 - Math.log2(PER_OCTAVE);
const EXPONENT_BIAS = 1_023;
const FIRST = ((LOWEST + EXPONENT_BIAS) * PER_OCTAVE) | 0;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
/** Of a double's two halves, the other one has sign and exponent; every platform of ours is little-endian. */
const LOW = 0;
const HIGH = 1;

const bucketOf = (value: number): number => {
  if (value <= 2 ** LOWEST) return 0;
  double[0] = value;
  // The greatest double below the value decides, so that a value on a bound is in the bucket that the bound ends.
  const high = (words[HIGH] as number) - (words[LOW] === 0 ? 1 : 0);
  return Math.min((high >>> MANTISSA_SHIFT) - FIRST + 1, BUCKETS - 1);
};

/** Where a bucket begins; this value itself is in the one below. */
const floorOf = (bucket: number): number => {
  if (bucket === 0) return 0;
  const octave = Math.floor((bucket - 1) / PER_OCTAVE);
  return 2 ** (LOWEST + octave) * (1 + ((bucket - 1) % PER_OCTAVE) / PER_OCTAVE);
};

const middleOf = (bucket: number): number => (floorOf(bucket) + floorOf(bucket + 1)) / 2;

/** Some values with how often each occurred, ascending; the first is the least and the last the greatest. */
export interface Distribution {
  readonly count: number;
  readonly sum: number;
  readonly values: readonly number[];
  readonly counts: readonly number[];
}

/** The values that one reader has not read yet. */
interface Window {
  /** The counters as they were at its last reading. */
  readonly before: Float64Array;
  count: number;
  sum: number;
  min: number;
  max: number;
}

/**
 * Counts values in buckets of a fixed relative width, whatever their number, at a fixed cost in memory (15 KB, and as
 * much for each reader). Counts of processes and intervals add up, which quantiles do not. Source of the layout: HdrHistogram,
 * and DDSketch (Masson, Rim, Lee, PVLDB 12(12), 2019) for the bound of the error.
 */
export class Histogram {
  private readonly counts = new Float64Array(BUCKETS);
  private readonly windows: Window[] = [];
  private seen = 0;
  private total = 0;
  /** The latest value. */
  last = 0;
  /** Of the values that no reader has read yet. */
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;

  /** Negative values count as zero: a clock set back makes negative ages, and the sum must never fall. */
  add(given: number): void {
    const value = given > 0 ? given : 0;
    const bucket = bucketOf(value);
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.seen += 1;
    this.total += value;
    this.last = value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  /** @returns a reader of the values since it was opened, then of those since it was last called */
  openReader(): () => Distribution {
    this.share();
    const { counts, seen, total } = this;
    const window: Window = { before: counts.slice(), count: seen, sum: total, ...NO_EXTREMES };
    this.windows.push(window);
    return () => this.read(window);
  }

  /** Values up to each of the bounds, since the process started; a bound within a bucket counts all of the bucket. */
  cumulative(bounds: readonly number[]): { count: number; sum: number; upTo: number[] } {
    let bucket = 0;
    let below = 0;
    const upTo = bounds.map((bound) => {
      for (; bucket < BUCKETS && floorOf(bucket) < bound; bucket++) below += this.counts[bucket] as number;
      return below;
    });
    return { count: this.seen, sum: this.total, upTo };
  }

  /** Counters have no extremes: each reader gets those that came up since anybody read. */
  private share(): void {
    for (const window of this.windows) {
      window.min = Math.min(window.min, this.min);
      window.max = Math.max(window.max, this.max);
    }
    this.min = NO_EXTREMES.min;
    this.max = NO_EXTREMES.max;
  }

  private read(window: Window): Distribution {
    this.share();
    const { before, min, max } = window;
    const [count, sum] = [this.seen - window.count, this.total - window.sum];
    Object.assign(window, { count: this.seen, sum: this.total }, NO_EXTREMES);
    const values: number[] = [];
    const counts: number[] = [];
    if (count === 0) return { count, sum: 0, values, counts };
    const push = (value: number, times: number): void => {
      if (times === 0) return;
      const last = values.length - 1;
      if (values[last] === value) counts[last] = (counts[last] as number) + times;
      else {
        values.push(value);
        counts.push(times);
      }
    };
    const [first, last] = [bucketOf(min), bucketOf(max)];
    push(min, count === 1 ? 0 : 1);
    for (let bucket = first; bucket <= last; bucket++) {
      const times = (this.counts[bucket] as number) - (before[bucket] as number);
      // The extremes themselves are listed exactly.
      const extremes = Number(bucket === first && count > 1) + Number(bucket === last);
      if (times > extremes) push(Math.min(Math.max(middleOf(bucket), min), max), times - extremes);
    }
    push(max, 1);
    before.set(this.counts);
    return { count, sum, values, counts };
  }
}

const NO_EXTREMES = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY } as const;

/**
 * The value that a share of all values does not exceed (nearest rank), over one or several distributions.
 *
 * @param share from 0 to 1
 * @returns undefined where there are no values
 */
export const quantileOf = (distributions: readonly Distribution[], share: number): number | undefined => {
  const pairs = distributions.flatMap(({ values, counts }) =>
    values.map((value, index) => ({ value, times: counts[index] ?? 0 })),
  );
  pairs.sort((one, other) => one.value - other.value);
  const all = pairs.reduce((sum, { times }) => sum + times, 0);
  let below = 0;
  return pairs.find(({ times }) => (below += times) >= share * all)?.value;
};
