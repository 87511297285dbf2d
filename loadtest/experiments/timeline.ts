import { z } from "zod";
import { type Histogram, histogramCount, histogramPercentile, mergeHistograms } from "../report/histogram.ts";

const count = z.int().min(0);

/** A line of the generator's timeline. */
const secondSchema = z.object({
  /** Epoch seconds at its beginning. */
  time: z.number(),
  second: z.number(),
  users: count,
  /** Share of one core. */
  generator_cpu: z.number(),
  /** Of an open load: due and not begun. */
  waiting: count.default(0),
  requests: z.record(
    z.string(),
    z.object({ ok: count, refused: count, failed: count, latency: z.record(z.string(), count) }),
  ),
  /** How often by request and message. */
  refusals: z.record(z.string(), count).default({}),
  errors: z.record(z.string(), count).default({}),
});

export type Second = z.infer<typeof secondSchema>;

export const parseSecond = (line: string): Second => secondSchema.parse(JSON.parse(line));

/** Answers in some seconds. */
export interface Totals {
  readonly seconds: number;
  readonly ok: number;
  readonly refused: number;
  readonly failed: number;
  /** Of the answers that were ok. */
  readonly latency: Histogram;
  /** By request and message, of all requests. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
}

/** @param isCounted which requests, by their names; all of them when left out */
export const totalsOf = (
  seconds: readonly Second[],
  isCounted: (name: string) => boolean = () => true,
): Totals => {
  const counted = seconds.flatMap(({ requests }) =>
    Object.entries(requests)
      .filter(([name]) => isCounted(name))
      .map(([, counts]) => counts),
  );
  const sum = (of: "ok" | "refused" | "failed"): number =>
    counted.reduce((total, counts) => total + counts[of], 0);
  return {
    seconds: seconds.length,
    ok: sum("ok"),
    refused: sum("refused"),
    failed: sum("failed"),
    latency: mergeHistograms(counted.map(({ latency }) => latency)),
    refusals: added(seconds.map(({ refusals }) => refusals)),
    errors: added(seconds.map(({ errors }) => errors)),
  };
};

const added = (counts: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts.flatMap(Object.entries<number>)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
};

/** Answers that were ok, a second; 0 of no time. */
export const throughputOf = ({ ok, seconds }: Totals): number => (seconds === 0 ? 0 : ok / seconds);

/** Share of the answers that were ok; null where none came. */
export const successOf = ({ ok, refused, failed }: Totals): number | null => {
  const all = ok + refused + failed;
  return all === 0 ? null : ok / all;
};

/** Share of the answers that came out so; null where none came. */
export const shareOf = (totals: Totals, outcome: "refused" | "failed"): number | null => {
  const all = totals.ok + totals.refused + totals.failed;
  return all === 0 ? null : totals[outcome] / all;
};

/**
 * Milliseconds; null where too few were ok to tell: of fewer than 100 answers, p99 is the slowest and nothing more.
 *
 * @param share from 0 to 1, 1 being the slowest
 */
export const latencyOf = ({ latency }: Totals, share: number): number | null => {
  const slower = histogramCount(latency) * (1 - share);
  // A hundredth of a hundred is less than one by its last bit.
  return share === 1 || slower > 1 - 1e-9 ? histogramPercentile(latency, share) : null;
};

/** The seconds that lie wholly between two moments (epoch seconds). */
export const between = (seconds: readonly Second[], from: number, to: number): Second[] =>
  seconds.filter(({ time }) => time >= from && time + 1 <= to);

/**
 * Share of one core the generator took at most, over two seconds in a row: a single one may be a hiccup. Of one
 * second, there is no telling.
 */
export const generatorPeak = (seconds: readonly Second[]): number => {
  const [first, ...others] = seconds.map(({ generator_cpu }) => generator_cpu);
  if (first === undefined || others.length === 0) return first ?? 0;
  return Math.max(...others.map((share, i) => Math.min(share, seconds[i]?.generator_cpu ?? 0)));
};
