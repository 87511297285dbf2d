import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CIRCUIT_SETTINGS, openCircuit } from "./circuit.ts";
import { CHECK_MS } from "./hang-watch.ts";

const LATE_MS = 500;
/** Milliseconds between two calls: 50 a second. */
const PAUSE_MS = 20;

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

const never = () => new Promise<never>(() => undefined);

/** @param probe answers a probe, or does not */
const open = (probe: () => Promise<unknown>) => {
  const circuit = openCircuit({ name: "test", isFailure: () => true });
  circuit.probeBy(probe);
  circuit.hangsAfter({ late: () => LATE_MS });
  return circuit;
};

type Circuit = ReturnType<typeof open>;

/** Calls at a steady rate. @returns milliseconds until it opened */
const callOn = async (
  circuit: Circuit,
  work: () => Promise<unknown>,
  ms = 3_000,
  atOnce = 1,
): Promise<number> => {
  const since = performance.now();
  while (circuit.state() === "closed" && performance.now() - since < ms) {
    for (let call = 0; call < atOnce; call++) void circuit.execute(work).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
  }
  return performance.now() - since;
};

test("opens within a second when nothing is answered, long before a call has timed out", async () => {
  const circuit = open(never);
  await callOn(circuit, async () => "fine", 1_000);
  const took = await callOn(circuit, never);
  expect(circuit.state()).toBe("open");
  expect(took).toBeGreaterThan(LATE_MS + CHECK_MS);
  expect(took).toBeLessThan(1_000);
});

test("calls that are given up as it opens tell the reason, where few others have failed", async () => {
  const circuit = open(never);
  const giveUp = Promise.withResolvers<never>();
  giveUp.promise.catch(() => undefined);
  await circuit.execute(() => Promise.reject(new Error("a minute ago"))).catch(() => undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  await callOn(circuit, () => giveUp.promise);
  expect(circuit.stats()).toMatchObject({ state: "open", last_error: "a minute ago" });
  giveUp.reject(new Error("no answer in time"));
  await vi.advanceTimersByTimeAsync(1);
  expect(circuit.stats()).toMatchObject({ state: "open", last_error: "no answer in time" });
});

test("stays closed while probes are answered: then it is the calls that are slow", async () => {
  const circuit = open(async () => "well");
  await callOn(circuit, never);
  expect(circuit.state()).toBe("closed");
});

test("a probe has as long as the dependency's answers take", async () => {
  const slow = () => new Promise((resolve) => setTimeout(resolve, 2 * CHECK_MS));
  const hasty = open(slow);
  await callOn(hasty, never);
  expect(hasty.state()).toBe("open");
  const patient = open(slow);
  patient.hangsAfter({ late: () => LATE_MS, check: 4 * CHECK_MS });
  await callOn(patient, never);
  expect(patient.state()).toBe("closed");
});

test.each([1, 20])("gives the first call its time, however many follow: %d in 20 ms", async (atOnce) => {
  const slow = () => new Promise((resolve) => setTimeout(resolve, 850));
  const signs = { late: () => 250, check: 350, first: 900 };
  const patient = open(slow);
  patient.hangsAfter(signs);
  await callOn(patient, slow, 3_000, atOnce);
  expect(patient.state()).toBe("closed");
  const hung = open(never);
  hung.hangsAfter(signs);
  const took = await callOn(hung, never, 3_000, atOnce);
  expect(hung.state()).toBe("open");
  expect(took).toBeGreaterThanOrEqual(900);
  expect(took).toBeLessThan(1_000);
});

test("stays closed while some calls are answered", async () => {
  const circuit = open(never);
  let call = 0;
  await callOn(circuit, () => (call++ % 20 === 0 ? Promise.resolve("fine") : never()));
  expect(circuit.state()).toBe("closed");
});

test("a few calls that hang say nothing", async () => {
  const circuit = open(never);
  for (let call = 0; call < CIRCUIT_SETTINGS.failures - 1; call++) void circuit.execute(never);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(circuit.state()).toBe("closed");
});

test("calls that have just begun are given their time, whatever hung before them", async () => {
  const circuit = open(never);
  void circuit.execute(never);
  await vi.advanceTimersByTimeAsync(10_000);
  await callOn(circuit, never, LATE_MS);
  expect(circuit.state()).toBe("closed");
});

test("without a way to probe, calls have to fail", async () => {
  const circuit = openCircuit({ name: "test", isFailure: () => true });
  circuit.hangsAfter({ late: () => LATE_MS });
  await callOn(circuit, never);
  expect(circuit.state()).toBe("closed");
});
