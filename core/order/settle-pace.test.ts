import { expect, test } from "vitest";
import { openSettlePace } from "./settle-pace.ts";

/**
 * Works off a backlog at a processor that takes a limited number at a time and fails beyond; records what it
 * saw.
 */
const workOff = async (orders: number, capacity: number) => {
  const pace = openSettlePace();
  const seen = { most: 0, failed: 0, order: [] as number[] };
  let underWay = 0;
  const settle = async (order: number): Promise<void> => {
    seen.order.push(order);
    underWay += 1;
    seen.most = Math.max(seen.most, underWay);
    const isTooMuch = underWay > capacity;
    await new Promise((resolve) => setTimeout(resolve, 1));
    underWay -= 1;
    if (isTooMuch) throw new Error("too much at once");
  };
  await Promise.all(
    Array.from({ length: orders }, (_, order) =>
      pace.run(() => settle(order)).catch(() => (seen.failed += 1)),
    ),
  );
  return seen;
};

test("a backlog is worked off in order, a few at a time, and more as that goes well", async () => {
  const { most, failed, order } = await workOff(1_000, Number.POSITIVE_INFINITY);
  expect(failed).toBe(0);
  expect(order).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
  expect(most).toBeGreaterThan(4);
  expect(most).toBeLessThanOrEqual(32);
});

test("a processor that fails beyond its capacity is pressed a little beyond it, and no more", async () => {
  const { most, failed } = await workOff(1_000, 8);
  expect(most).toBeLessThanOrEqual(10);
  // All at once, 992 of them would fail.
  expect(failed).toBeLessThan(300);
});
