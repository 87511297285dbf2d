import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CIRCUIT_SETTINGS, CircuitOpenError, type CircuitStateName, openCircuit } from "./circuit.ts";

class Trouble extends Error {}
class Refusal extends Error {}

const states: CircuitStateName[] = [];
const open = () =>
  openCircuit({
    name: "test",
    isFailure: (error) => error instanceof Trouble,
    onStateChange: (state) => states.push(state),
  });

beforeEach(() => {
  states.length = 0;
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => vi.useRealTimers());

type Circuit = ReturnType<typeof open>;

const succeed = (circuit: Circuit) => circuit.execute(async () => "fine");
const fail = (circuit: Circuit, error: Error = new Trouble("down")) =>
  circuit.execute(async () => {
    throw error;
  });

const breakIt = async (circuit: Circuit) => {
  for (let i = 0; i < 20 && circuit.state() === "closed"; i++) {
    await fail(circuit).catch(() => undefined);
    vi.advanceTimersByTime(50);
  }
  expect(circuit.state()).toBe("open");
};

test("opens when most calls in the window fail, and then refuses at once", async () => {
  const circuit = open();
  await breakIt(circuit);
  const work = vi.fn(async () => "fine");
  await expect(circuit.execute(work)).rejects.toBeInstanceOf(CircuitOpenError);
  expect(work).not.toHaveBeenCalled();
  expect(circuit.stats()).toMatchObject({ state: "open", total_rejected: 1, last_error: "down" });
  expect(states).toEqual(["open"]);
});

test("an outage that follows good times opens it within two seconds", async () => {
  const circuit = open();
  for (let i = 0; i < 300; i++) {
    await succeed(circuit);
    vi.advanceTimersByTime(10);
  }
  const since = Date.now();
  while (circuit.state() === "closed") {
    await fail(circuit).catch(() => undefined);
    vi.advanceTimersByTime(10);
  }
  expect(Date.now() - since).toBeLessThanOrEqual(2_000);
});

test("errors that say nothing of the dependency never open it", async () => {
  const circuit = open();
  for (let i = 0; i < 100; i++)
    await expect(fail(circuit, new Refusal("no"))).rejects.toBeInstanceOf(Refusal);
  expect(circuit.stats()).toMatchObject({ state: "closed", total_requests: 100, total_failures: 0 });
});

test("a few failures in quiet times do not open it", async () => {
  const circuit = open();
  for (let i = 0; i < CIRCUIT_SETTINGS.minimumCalls - 1; i++) await fail(circuit).catch(() => undefined);
  expect(circuit.state()).toBe("closed");
});

test("failures that lie far apart do not open it, however many they are", async () => {
  const circuit = open();
  for (let i = 0; i < 4 * CIRCUIT_SETTINGS.minimumCalls; i++) {
    await fail(circuit).catch(() => undefined);
    vi.advanceTimersByTime(CIRCUIT_SETTINGS.window / 2);
  }
  expect(circuit.state()).toBe("closed");
  expect(circuit.stats()).toMatchObject({ failures: 1, successes: 0 });
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.window);
  expect(circuit.stats()).toMatchObject({ failures: 0, total_failures: 4 * CIRCUIT_SETTINGS.minimumCalls });
});

test("after a pause one probe goes through; the others are refused at once, not queued", async () => {
  const circuit = open();
  await breakIt(circuit);
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.probeAfter + 1);
  const { promise, resolve } = Promise.withResolvers<string>();
  const probe = circuit.execute(() => promise);
  expect(circuit.state()).toBe("half_open");
  await expect(succeed(circuit)).rejects.toBeInstanceOf(CircuitOpenError);
  resolve("back");
  expect(await probe).toBe("back");
});

test("a probe that fails opens it again, for longer", async () => {
  const circuit = open();
  await breakIt(circuit);
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.probeAfter + 1);
  await fail(circuit).catch(() => undefined);
  expect(circuit.state()).toBe("open");
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.probeAfter + 1);
  await expect(succeed(circuit)).rejects.toBeInstanceOf(CircuitOpenError);
  expect(circuit.retryAfterSeconds()).toBe(1);
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.probeAfter + 1);
  expect(await succeed(circuit)).toBe("fine");
});

test("traffic grows back step by step", async () => {
  const circuit = open();
  await breakIt(circuit);
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.probeAfter + 1);
  await succeed(circuit);
  const atOnce: number[] = [];
  for (let round = 0; round < 8 && circuit.state() === "half_open"; round++) {
    const calls = await Promise.allSettled(Array.from({ length: 100 }, () => succeed(circuit)));
    atOnce.push(calls.filter(({ status }) => status === "fulfilled").length);
  }
  expect(atOnce[0]).toBe(2);
  expect(atOnce.toSorted((a, b) => a - b)).toEqual(atOnce);
  expect(circuit.state()).toBe("closed");
  expect(states.at(-1)).toBe("closed");
});

test("work that leads to a call is begun by one caller a second once a probe is due", async () => {
  const circuit = open();
  expect(circuit.admits()).toBe(true);
  await breakIt(circuit);
  expect(circuit.admits()).toBe(false);
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.probeAfter + 1);
  expect([circuit.admits(), circuit.admits()]).toEqual([true, false]);
});

test("while a probe is under way no work is begun, then as much as may go through at once", async () => {
  const circuit = open();
  await breakIt(circuit);
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.probeAfter + 1);
  const { promise, resolve } = Promise.withResolvers<string>();
  expect(circuit.admits()).toBe(true);
  const probe = circuit.execute(() => promise);
  vi.advanceTimersByTime(5_000);
  expect([circuit.admits(), circuit.admits()]).toEqual([false, false]);
  resolve("back");
  await probe;
  expect(circuit.state()).toBe("half_open");
  const second = Promise.withResolvers<string>();
  const third = Promise.withResolvers<string>();
  const calls = [circuit.execute(() => second.promise), circuit.execute(() => third.promise)];
  expect(circuit.admits()).toBe(false);
  second.resolve("fine");
  third.resolve("fine");
  await Promise.all(calls);
  expect(circuit.admits()).toBe(true);
});

test("a probe that its caller called off proves nothing", async () => {
  const circuit = open();
  await breakIt(circuit);
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.probeAfter + 1);
  const calledOff = new DOMException("The request's time was up", "AbortError");
  await expect(fail(circuit, calledOff)).rejects.toBe(calledOff);
  expect(circuit.state()).toBe("open");
});

test("calls from before an outage that fail once it is over do not bring it back", async () => {
  const circuit = open();
  const endings: ((error: Error) => void)[] = [];
  const old = Array.from({ length: 20 }, () =>
    circuit.execute(() => new Promise((_, reject) => endings.push(reject))).catch(() => undefined),
  );
  await breakIt(circuit);
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.probeAfter + 1);
  await succeed(circuit);
  for (const end of endings) end(new Trouble("timed out at last"));
  await Promise.all(old);
  expect(circuit.state()).toBe("half_open");
  for (let i = 0; i < 10; i++) await succeed(circuit);
  expect(circuit.state()).toBe("closed");
});

test("a reset closes it and forgets", async () => {
  const circuit = open();
  await breakIt(circuit);
  circuit.reset();
  expect(await succeed(circuit)).toBe("fine");
  expect(circuit.stats()).toMatchObject({ state: "closed", failures: 0, successes: 1 });
});

test("a reset circuit has no pause left over from its outage", async () => {
  const circuit = open();
  await breakIt(circuit);
  for (let probe = 0; probe < 4; probe++) {
    vi.advanceTimersByTime(CIRCUIT_SETTINGS.probeAfterMax);
    await fail(circuit).catch(() => undefined);
  }
  expect(circuit.retryAfterSeconds()).toBeGreaterThan(1);
  circuit.reset();
  expect(circuit.retryAfterSeconds()).toBe(1);
  expect(circuit.admits()).toBe(true);
});

test.each(["succeeds", "fails"])(
  "a probe that %s after a reset leaves the circuit closed",
  async (outcome) => {
    const circuit = open();
    await breakIt(circuit);
    vi.advanceTimersByTime(CIRCUIT_SETTINGS.probeAfter);
    let answer: (error?: Error) => void = () => undefined;
    const probe = circuit.execute(
      () => new Promise<void>((resolve, reject) => (answer = (error) => (error ? reject(error) : resolve()))),
    );
    circuit.reset();
    states.length = 0;
    answer(outcome === "fails" ? new Trouble("late") : undefined);
    await probe.catch(() => undefined);
    expect(circuit.state()).toBe("closed");
    expect(circuit.retryAfterSeconds()).toBe(1);
    expect(states).toEqual([]);
    await Promise.all(Array.from({ length: 10 }, () => succeed(circuit)));
  },
);
