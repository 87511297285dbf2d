import { setTimeout as sleep } from "node:timers/promises";
import type { LimitRule } from "../../../core/storage/limit-rules.ts";

/** A log-normal distribution in milliseconds, by its median and its 99th percentile. */
export interface Distribution {
  readonly median: number;
  readonly p99: number;
}

/**
 * How long a call takes. AWS promises single-digit milliseconds for single items and publishes no distribution;
 * medians and tails are ours, of the order that services in the same region report. Transactions take several rounds
 * ("Distributed Transactions at Scale in Amazon DynamoDB", USENIX ATC 2023).
 */
export const LATENCIES = {
  read: { median: 3, p99: 12 },
  write: { median: 5, p99: 20 },
  batch: { median: 6, p99: 30 },
  query: { median: 4, p99: 20 },
  transaction: { median: 22, p99: 80 },
  stream: { median: 10, p99: 50 },
} as const satisfies Record<string, Distribution>;

export type CallKind = keyof typeof LATENCIES;

/** Of a brown-out: everything takes this many times as long, and a share of the calls fails. */
export const BROWN_OUT = { slowdown: 10, failures: 0.05 } as const;

/** Standard deviations from the median to the 99th percentile. */
const P99_DEVIATIONS = 2.326;

/** @param random from 0 to 1, exclusive of 0 */
export const draw = ({ median, p99 }: Distribution, random: () => number = Math.random): number => {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp((normal * Math.log(p99 / median)) / P99_DEVIATIONS);
};

/**
 * Milliseconds that a call takes.
 *
 * @param isTimed whether it takes its time even without the rule `latency`, as a transaction that holds its items does
 */
export const drawTime = (rules: ReadonlySet<LimitRule>, kind: CallKind, isTimed = false): number => {
  const isBrownOut = rules.has("brown-out");
  if (!isBrownOut && !rules.has("latency") && !isTimed) return 0;
  return draw(LATENCIES[kind]) * (isBrownOut ? BROWN_OUT.slowdown : 1);
};

/** Waits until a point in time of `performance.now()`. */
export const until = async (time: number): Promise<void> => {
  const left = time - performance.now();
  if (left > 0) await sleep(left);
};
