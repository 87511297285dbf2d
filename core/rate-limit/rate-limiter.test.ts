import { expect, test } from "vitest";
import type { Policy, Verdict } from "./bucket.ts";
import { openRateLimiter } from "./rate-limiter.ts";

const policy: Policy = { name: "default", capacity: 100, refill: 10 / 1_000 };

const openClock = () => {
  const clock = { at: 1_000_000 };
  return { clock, now: () => clock.at };
};

test("lets a burst through, then what comes back, and each client has a bucket of its own", () => {
  const { clock, now } = openClock();
  const { take, isSpent } = openRateLimiter(now);
  const allowed = (client: string, count: number): number =>
    Array.from({ length: count }, () => take(policy, client) as Verdict).filter(({ isAllowed }) => isAllowed)
      .length;
  expect(allowed("a", 1_000)).toBe(100);
  expect(isSpent(policy, "a")).toBe(true);
  expect(isSpent(policy, "b")).toBe(false);
  expect(allowed("b", 10)).toBe(10);
  clock.at += 1_000;
  expect(isSpent(policy, "a")).toBe(false);
  expect(allowed("a", 1_000)).toBe(10);
  clock.at += 3_600_000;
  expect(allowed("a", 1_000)).toBe(100);
  clock.at -= 5_000; // A clock that is set back takes nothing away and gives nothing.
  expect(allowed("a", 1_000)).toBe(0);
});

test("a clock that is set back neither refuses a client for hours nor asks Redis less", async () => {
  const { clock, now } = openClock();
  let isAway = true;
  const { take, isSpent } = openRateLimiter(now, async () => {
    if (isAway) throw new Error("away");
    return { taken: 0, remaining: 0 };
  });
  const single: Policy = { ...policy, capacity: 1 };
  await take(single, "alone");
  expect(isSpent(single, "alone")).toBe(true);
  clock.at -= 3_600_000;
  expect(isSpent(single, "alone")).toBe(true);
  isAway = false;
  expect(await take(single, "b")).toMatchObject({ isAllowed: false }); // Redis is asked again.
  expect(isSpent(single, "b")).toBe(true);
  clock.at -= 3_600_000;
  expect(isSpent(single, "b")).toBe(false);
});

test("tells how many requests are left", () => {
  const { take } = openRateLimiter(openClock().now);
  expect([1, 2, 3].map(() => (take(policy, "a") as Verdict).remaining)).toEqual([99, 98, 97]);
});

test("counts alone while Redis does not answer, and refuses nobody for it", async () => {
  const { clock, now } = openClock();
  let calls = 0;
  const { take } = openRateLimiter(now, async () => {
    calls += 1;
    throw new Error("away");
  });
  for (let at = 0; at < 50; at++) expect(await take(policy, "a")).toMatchObject({ isAllowed: true });
  expect(calls).toBe(1);
  clock.at += 1_001;
  await take(policy, "a");
  expect(calls).toBe(2);
});
