import { decodeTime } from "ulid";
import { grown } from "../lab-figures.ts";
import { rounded } from "../plots.ts";
import type { BreakerState, Sample } from "../sampler.ts";
import { between, latencyOf, type Second, successOf, totalsOf } from "../timeline.ts";
import { hasBreakers } from "./arms.ts";
import type { Target } from "./recovery-faults.ts";
import type { Arm, Episode } from "./recovery-observations.ts";

export type Row = ReturnType<typeof rowOf>;

/** Share of the answers in a second that is good when customers notice nothing any more. */
const FINE = 0.98;

const isProduct = (name: string): boolean => name.startsWith("GET /products");
const isCheckout = (name: string): boolean => name.startsWith("POST /cart/{user}/checkout");

/** One fault in one arm, in figures. Times in seconds, latencies in milliseconds; null where there is nothing to tell. */
export const rowOf = (arm: Arm, episode: Episode) => {
  const { fault, target, repeat, from, to, until } = episode;
  const affected = affectedBy(arm, from, until);
  const whole = totalsOf(affected);
  const waits = arm.probe.answered.filter(({ at }) => at >= from && at < to).map(({ ms }) => ms);
  return {
    fault,
    repeat,
    arm: arm.setting.name,
    good: share(successOf(whole)),
    productsGood: share(successOf(totalsOf(affected, isProduct))),
    checkoutsGood: share(successOf(totalsOf(affected, isCheckout))),
    p99: latencyOf(whole, 0.99),
    refused: whole.refused,
    failed: whole.failed,
    /** Waits of a customer who asks for the cart while it lasts, whatever the answer. */
    waitP50: percentileOf(waits, 0.5),
    waitP99: percentileOf(waits, 0.99),
    ...paymentsOf(arm, episode),
    failedCalls: failedCalls(arm.sampler.samples, target, episode),
    ...(hasBreakers(arm.setting)
      ? breakerTimes(arm.sampler.samples, target, episode)
      : { opened: null, closed: null }),
    fine: fineAfter(arm.load.seconds, to, until),
  };
};

const PAID = new Set(["confirmed", "fulfilled"]);
/** Seconds within which an order is to be paid. */
const PROMPT = 60;

/** Milliseconds that 99 of 100 checkouts took at the most, over all times of one fault: a single one has too few. */
export const checkoutP99Of = (arm: Arm, episodes: readonly Episode[]): number | null =>
  latencyOf(
    totalsOf(
      episodes.flatMap(({ from, until }) => affectedBy(arm, from, until)),
      isCheckout,
    ),
    0.99,
  );

/**
 * The seconds of a fault, until its effects are over: a caller that waits for a timeout gets its answer after its end.
 *
 * A second that overlaps the beginning counts: what lies before it is the calm end of another episode. One that overlaps the
 * end does not: it may hold the next fault, for longer in one arm than in another, as their generators began at other
 * fractions of a second.
 */
const affectedBy = ({ load }: Arm, from: number, until: number): Second[] =>
  load.seconds.filter(({ time }) => time > from - 1 && time <= until - 1);

/** The nearest rank. */
const percentileOf = (values: readonly number[], share: number): number | null => {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.ceil(share * sorted.length) - 1];
  return value === undefined ? null : rounded(value);
};

/** Payments of the orders placed from the fault's beginning on. */
const paymentsOf = ({ orders, charges }: Arm, { from, to, until }: Episode) => {
  const settledAt = new Map(
    charges.map(({ charge_key, processed_at }) => [charge_key, Date.parse(processed_at ?? "") / 1_000]),
  );
  const placed = orders
    .map(({ order_id, status, total_cents }) => ({
      placedAt: decodeTime(order_id.replace("ORD-", "")) / 1_000,
      settledAt: settledAt.get(order_id) ?? Number.NaN,
      isPaid: PAID.has(status),
      total_cents,
    }))
    .filter(({ placedAt }) => placedAt >= from && placedAt < until);
  const paid = placed.filter(({ isPaid, placedAt, settledAt }) => isPaid && settledAt < placedAt + PROMPT);
  const last = Math.max(
    to,
    ...placed.filter(({ placedAt }) => placedAt < to).map(({ settledAt }) => settledAt),
  );
  return {
    orders: placed.length,
    /** Of the orders paid within a minute, in the currency's units. */
    money: rounded(paid.reduce((sum, { total_cents }) => sum + total_cents / 100, 0)),
    /** From the fault's end until the last order placed during it was settled; null where one never was. */
    settled: Number.isNaN(last) ? null : rounded(last - to),
  };
};

const share = (value: number | null): number | null => (value === null ? null : rounded(value));

/** Calls of the broken dependency that failed until its effects were over. */
const failedCalls = (samples: readonly Sample[], target: Target, { from, until }: Episode): number | null => {
  const lastBefore = (moment: number): number | undefined =>
    samples.findLast(({ time, failures }) => time <= moment && failures)?.failures?.[target];
  return grown(lastBefore(from), lastBefore(until));
};

/** Seconds from the fault's beginning until the breaker was seen open, and from its end until it was closed again. */
const breakerTimes = (samples: readonly Sample[], target: Target, { from, to, until }: Episode) => {
  const seen = samples.flatMap(({ time, breakers }) => (breakers ? [{ time, state: breakers[target] }] : []));
  const opened = seen.find(({ time, state }) => time >= from && time < until && state === "open");
  if (!opened) return { opened: null, closed: null };
  const closed = seen.find(({ time, state }) => time >= to && time <= until && state === "closed");
  return { opened: rounded(opened.time - from), closed: closed ? rounded(closed.time - to) : null };
};

/** Seconds from the fault's end until a second in which nearly all was good; null when there was none. */
const fineAfter = (seconds: readonly Second[], to: number, until: number): number | null => {
  const fine = between(seconds, to - 0.5, until).find(
    (second) => (successOf(totalsOf([second])) ?? 0) >= FINE,
  );
  return fine ? rounded(Math.max(0, fine.time - to)) : null;
};

export interface Band {
  readonly row: string;
  readonly from: number;
  readonly to: number;
  readonly state: BreakerState;
}

const NAMES: Readonly<Record<Target, string>> = { dynamodb: "DynamoDB", redis: "Redis", payment: "payment" };

/** The breakers' states as stretches of time, in seconds since `start`. */
export const bandsOf = (samples: readonly Sample[], start: number, end: number): Band[] =>
  (Object.keys(NAMES) as Target[]).flatMap((target) => {
    const bands: { row: string; from: number; to: number; state: BreakerState }[] = [];
    for (const { time, breakers } of samples) {
      const state = breakers?.[target];
      if (!state || time < start || time > end) continue;
      const at = rounded(time - start);
      const last = bands.at(-1);
      if (last) last.to = at;
      if (last?.state !== state) bands.push({ row: NAMES[target], from: at, to: at, state });
    }
    return bands.filter(({ from, to }) => to > from);
  });
