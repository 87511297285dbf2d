import { ulid } from "ulid";
import { expect, test } from "vitest";
import type { OrderRow } from "../../verify/checker/state.ts";
import type { BreakerState, Sample } from "../sampler.ts";
import type { Second } from "../timeline.ts";
import { ALL, type ArmSetting, NOTHING } from "./arms.ts";
import type { Arm, Episode } from "./recovery-observations.ts";
import { bandsOf, rowOf } from "./recovery-rows.ts";

const sample = (time: number, dynamodb: BreakerState): Sample => ({
  failures: { dynamodb: 10 * (time - 100), redis: 0, payment: 0 },
  time,
  cpu: {},
  memoryMb: {},
  machine: null,
  loopDelay: null,
  breakers: { dynamodb, redis: "closed", payment: "closed" },
});

/** Ten seconds: at 103 DynamoDB goes, at 106 it is back. */
const SAMPLES = [
  ...[100, 101, 102, 103, 104].map((time) => sample(time, "closed")),
  sample(104.5, "open"),
  sample(106.5, "half_open"),
  ...[107, 108, 109].map((time) => sample(time, "closed")),
];
const EPISODE: Episode = {
  fault: "DynamoDB hangs",
  target: "dynamodb",
  repeat: 1,
  from: 103,
  to: 106,
  until: 110,
};

const second = (time: number, ok: number, refused: number): Second => ({
  time,
  second: time - 100,
  users: 1,
  generator_cpu: 0,
  requests: { "GET /products/{id}": { ok, refused, failed: 0, latency: {} } },
  waiting: 0,
  refusals: {},
  errors: {},
});

const order = (placed: number, status: string): OrderRow =>
  ({ order_id: `ORD-${ulid(1_000 * placed)}`, status, total_cents: 1_250 }) as OrderRow;
const ORDERS = [
  order(102.9, "fulfilled"),
  order(103, "confirmed"),
  order(109, "fulfilled"),
  order(109, "cancelled"),
  order(110, "confirmed"),
];
const SETTLED = [102.9, 108.5, 109, 109, 110];
const CHARGES = ORDERS.map(({ order_id }, n) => ({
  charge_key: order_id,
  processed_at: new Date(1_000 * (SETTLED[n] ?? 0)).toISOString(),
}));

/** Seconds of an arm whose generator began this much after a whole second. */
const secondsFrom = (phase: number, isBad: (time: number) => boolean): Second[] =>
  Array.from({ length: 16 }, (_, n) => 98 + n + phase).map((time) =>
    second(time, isBad(time) ? 0 : 10, isBad(time) ? 10 : 0),
  );

const arm = (setting: ArmSetting): Arm => ({
  setting,
  orders: ORDERS,
  charges: CHARGES,
  load: {
    seconds: [100, 101, 102, 103, 104, 105, 106, 107, 108, 109].map((time) =>
      second(time, time >= 103 && time < 107 ? 5 : 10, time >= 103 && time < 107 ? 5 : 0),
    ),
    started: Promise.resolve(100),
    ended: Promise.resolve(),
    stop: async () => undefined,
    endEarly: async () => undefined,
  },
  sampler: { samples: SAMPLES, stop: async () => undefined },
  probe: {
    answered: [
      { at: 102, ms: 1 },
      { at: 103.5, ms: 1_000 },
      { at: 105, ms: 3_000 },
    ],
    stop: async () => undefined,
  },
});

test("a fault in figures: what was good until its effects were over, and when who acted", () => {
  expect(rowOf(arm(ALL), EPISODE)).toMatchObject({
    arm: "all",
    good: 0.71429,
    refused: 20,
    waitP50: 1_000,
    waitP99: 3_000,
    money: 25,
    orders: 3,
    settled: 2.5,
    failedCalls: 60,
    opened: 1.5,
    closed: 1,
    fine: 1,
  });
  expect(rowOf(arm(NOTHING), EPISODE)).toMatchObject({ arm: "nothing", opened: null, closed: null });
});

test.each([0, 0.1, 0.4, 0.5, 0.6, 0.9])("the fault that follows is not counted, at phase %d", (phase) => {
  const next = { ...EPISODE, from: EPISODE.until, to: 113, until: 114 };
  const load = { ...arm(ALL).load, seconds: secondsFrom(phase, (time) => time + 1 > next.from) };
  expect(rowOf({ ...arm(ALL), load }, EPISODE)).toMatchObject({ good: 1, refused: 0 });
});

test.each([0, 0.1, 0.4, 0.5, 0.6, 0.9])("a fault counts from its very beginning, at phase %d", (phase) => {
  const isBad = (time: number): boolean => time + 1 > EPISODE.from && time < EPISODE.to;
  const seconds = secondsFrom(phase, isBad);
  const load = { ...arm(ALL).load, seconds };
  expect(rowOf({ ...arm(ALL), load }, EPISODE)).toMatchObject({
    refused: 10 * seconds.filter(({ time }) => isBad(time)).length,
  });
});

test("an order that was never settled, or late, is no money, and shows", () => {
  const charges = CHARGES.map((charge, n) =>
    n === 1
      ? { charge_key: charge.charge_key }
      : { ...charge, processed_at: new Date(200_000).toISOString() },
  );
  expect(rowOf({ ...arm(ALL), charges }, EPISODE)).toMatchObject({ money: 0, settled: null });
});

test("a breaker that never opened has nothing to tell", () => {
  expect(rowOf(arm(ALL), { ...EPISODE, target: "redis" })).toMatchObject({ opened: null, closed: null });
});

test("the breakers' states as stretches of time", () => {
  expect(bandsOf(SAMPLES, 102, 108).filter(({ row }) => row === "DynamoDB")).toEqual([
    { row: "DynamoDB", from: 0, to: 2.5, state: "closed" },
    { row: "DynamoDB", from: 2.5, to: 4.5, state: "open" },
    { row: "DynamoDB", from: 4.5, to: 5, state: "half_open" },
    { row: "DynamoDB", from: 5, to: 6, state: "closed" },
  ]);
});
