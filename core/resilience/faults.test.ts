import { expect, test } from "vitest";
import { type Fault, InjectedFaultError, openFaults } from "./faults.ts";

const FAULT: Fault = { failureRate: 1, latencyMs: 0, kind: "error", expiresAt: 2_000 };

const setUp = (isEnabled = true) => {
  const state = { now: 1_000, injected: 0 };
  const faults = openFaults({
    isEnabled,
    now: () => state.now,
    onInjected: () => {
      state.injected += 1;
    },
  });
  return { faults, state };
};

test("nothing is in the way of a whole service", () => {
  const { faults } = setUp();
  expect(faults.before("dynamodb", 1_000)).toBeUndefined();
  faults.set("redis", FAULT);
  expect(faults.before("dynamodb", 1_000)).toBeUndefined();
});

test("a broken service fails, until it is mended or the fault expires", async () => {
  const { faults, state } = setUp();
  faults.set("redis", FAULT);
  await expect(faults.before("redis", 1_000)).rejects.toBeInstanceOf(InjectedFaultError);
  expect(state.injected).toBe(1);
  faults.set("redis", undefined);
  expect(faults.before("redis", 1_000)).toBeUndefined();
  faults.set("redis", FAULT);
  state.now = 2_000;
  expect(faults.before("redis", 1_000)).toBeUndefined();
});

test("a tail: some calls take long, the others do not", async () => {
  const { faults } = setUp();
  const tail = { ...FAULT, failureRate: 0, latencyMs: 600_000, latencyRate: 0.2 };
  faults.set("dynamodb", tail);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 1_000 }, () => faults.before("dynamodb", 1)),
  );
  const givenUp = outcomes.filter(({ status }) => status === "rejected").length;
  expect(givenUp).toBeGreaterThan(120);
  expect(givenUp).toBeLessThan(280);
});

test("a flapping service is broken and whole by turns", async () => {
  const { faults, state } = setUp();
  faults.set("payment", { ...FAULT, expiresAt: 100_000, flapMs: 3_000 });
  for (const [now, isBroken] of [
    [0, true],
    [2_999, true],
    [3_000, false],
    [5_999, false],
    [6_000, true],
  ] as const) {
    state.now = now;
    const before = faults.before("payment", 1_000);
    if (isBroken) await expect(before).rejects.toBeInstanceOf(InjectedFaultError);
    else expect(before).toBeUndefined();
  }
});

test("as many calls fail as asked", async () => {
  const { faults } = setUp();
  faults.set("payment", { ...FAULT, failureRate: 0.3 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 2_000 }, async () => faults.before("payment", 1_000)),
  );
  const share = outcomes.filter(({ status }) => status === "rejected").length / outcomes.length;
  expect(share).toBeCloseTo(0.3, 1);
});

test("latency is added, and a hang ends with the caller's patience", async () => {
  const { faults } = setUp();
  faults.set("dynamodb", { ...FAULT, failureRate: 0, latencyMs: 30 });
  const startedAt = performance.now();
  await faults.before("dynamodb", 1_000);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
  faults.set("dynamodb", { ...FAULT, kind: "hang", expiresAt: 1_000_000 });
  await expect(faults.before("dynamodb", 1_000, AbortSignal.timeout(20))).rejects.toMatchObject({
    name: "AbortError",
  });
  await expect(faults.before("dynamodb", 20)).rejects.toBeInstanceOf(InjectedFaultError);
});

test("where faults are not enabled none can be put in place", () => {
  const { faults } = setUp(false);
  faults.set("redis", FAULT);
  expect(faults.before("redis", 1_000)).toBeUndefined();
  expect(faults.all()).toEqual({ dynamodb: undefined, redis: undefined, payment: undefined });
});
