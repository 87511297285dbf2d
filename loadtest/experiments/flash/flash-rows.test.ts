import { expect, test } from "vitest";
import type { Sale } from "./flash-observations.ts";
import { rateOf, rowOf } from "./flash-rows.ts";

/** Moments `ms` apart, one for each order. */
const every = (ms: number, count: number, from: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i * ms);

test("orders a second are those of the spike, not those of the few buyers before it", () => {
  const [calmAt, spikeAt] = [1_000_000, 1_003_000];
  const spike = every(10, 400, spikeAt);
  const sale = {
    shards: 1,
    supply: "ample",
    repeat: 1,
    pieces: 10_000,
    load: { seconds: [] as never[] },
    calm: 3,
    spikeAt,
    orderedAt: [...every(100, 30, calmAt), ...spike],
    stock: { available: 9_570, reserved: 0, sold: 430, counters: 1 },
  } as unknown as Sale;
  const { ordersPerSecond, orders } = rowOf(sale);
  expect(orders).toBe(430);
  expect(ordersPerSecond).toBe(rateOf(spike));
  expect(ordersPerSecond).toBeCloseTo(100, 0);
});
