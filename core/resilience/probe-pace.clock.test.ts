import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openProber } from "./prober.ts";

const EVERY_MS = 3_000;
const REFUSED_MS = 30_000;
/** Probes at the most within a time: pauses vary by a third. */
const most = (ms: number): number => Math.ceil(ms / (EVERY_MS * (2 / 3)));

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

/** Probes at the pace of a dependency that the circuit would ask 20 times as often. */
const start = (probe: () => Promise<unknown>) => {
  let probes = 0;
  const heard: boolean[] = [];
  const prober = openProber((isWell) => heard.push(isWell));
  const counted = (): Promise<unknown> => {
    probes += 1;
    return probe();
  };
  prober.use(counted, {
    every: EVERY_MS,
    pauseAfter: (error) => (error === "refused" ? REFUSED_MS : undefined),
  });
  prober.start(150);
  return { prober, heard, probes: () => probes };
};

test("probes no faster than the dependency's own pace, and hears each answer", async () => {
  const { heard, probes } = start(async () => {
    throw new Error("away");
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(probes()).toBeGreaterThan(10);
  expect(probes()).toBeLessThanOrEqual(most(60_000));
  expect(heard).toEqual(Array(probes()).fill(false));
});

test("one probe is under way at a time", async () => {
  let answer = (): void => undefined;
  const { probes } = start(() => new Promise<void>((resolve) => (answer = resolve)));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(probes()).toBe(1);
  answer();
  await vi.advanceTimersByTimeAsync(2 * EVERY_MS);
  expect(probes()).toBe(2);
});

test("a refusal is respected for longer, and no caller takes the probe's place meanwhile", async () => {
  const { prober, probes } = start(() => Promise.reject("refused"));
  await vi.advanceTimersByTimeAsync(EVERY_MS * 2);
  expect(probes()).toBe(1);
  await vi.advanceTimersByTimeAsync(REFUSED_MS - 2 * EVERY_MS);
  expect(probes()).toBe(1);
  expect(prober.isOverdue()).toBe(false);
  await vi.advanceTimersByTimeAsync(3 * EVERY_MS);
  expect(probes()).toBe(2);
});
