// biome-ignore-all lint/style/noExcessiveLinesPerFile: one state machine on one clock that is set by hand
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CIRCUIT_SETTINGS, CircuitOpenError, type CircuitStateName, openCircuit } from "./circuit.ts";

class Trouble extends Error {}
class Refusal extends Error {}

const states: CircuitStateName[] = [];
/** Whether a probe succeeds; `hangs`: it never answers. */
let probed: boolean | "hangs" = false;
let probes = 0;

const open = ({ isProbed = true } = {}) => {
  const circuit = openCircuit({
    name: "test",
    isFailure: (error) => error instanceof Trouble,
    onStateChange: (state) => states.push(state),
  });
  if (isProbed) {
    circuit.probeBy(async () => {
      probes += 1;
      if (probed === "hangs") await new Promise(() => undefined);
      if (!probed) throw new Trouble("away");
    });
  }
  return circuit;
};

beforeEach(() => {
  states.length = 0;
  [probed, probes] = [false, 0];
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => vi.useRealTimers());

type Circuit = ReturnType<typeof open>;

const succeed = (circuit: Circuit) => circuit.execute(async () => "fine");
const fail = (circuit: Circuit, error: Error = new Trouble("down")) =>
  circuit.execute(async () => {
    throw error;
  });

/** 50 calls a second that fail until it is open; the milliseconds it took. */
const breakIt = async (circuit: Circuit): Promise<number> => {
  const since = Date.now();
  while (circuit.state() !== "open" && Date.now() - since < 10_000) {
    await fail(circuit).catch(() => undefined);
    vi.advanceTimersByTime(20);
  }
  expect(circuit.state()).toBe("open");
  return Date.now() - since;
};

test("calls that are given up as it opens do not hide the reason for which it opened", async () => {
  const circuit = open();
  const giveUp = Promise.withResolvers<never>();
  const underWay = circuit.execute(() => giveUp.promise).catch(() => undefined);
  await breakIt(circuit);
  giveUp.reject(new Trouble("no answer in time"));
  await underWay;
  expect(circuit.stats()).toMatchObject({ state: "open", last_error: "down" });
});

test("opens within a second of an outage, however good the times before were, and refuses at once", async () => {
  const circuit = open();
  for (let i = 0; i < 300; i++) {
    await succeed(circuit);
    vi.advanceTimersByTime(10);
  }
  expect(await breakIt(circuit)).toBeLessThan(1_000);
  const work = vi.fn(async () => "fine");
  await expect(circuit.execute(work)).rejects.toBeInstanceOf(CircuitOpenError);
  expect(work).not.toHaveBeenCalled();
  expect(circuit.stats()).toMatchObject({ state: "open", total_rejected: 1, last_error: "down" });
  expect(states).toEqual(["open"]);
});

test("stays closed in a brown-out: what could be answered is not refused", async () => {
  const circuit = open();
  for (let i = 0; i < 3_000; i++) {
    // Three of four fail.
    await (i % 4 === 0 ? succeed(circuit) : fail(circuit).catch(() => undefined));
    vi.advanceTimersByTime(20);
  }
  expect(circuit.stats()).toMatchObject({ state: "closed", total_failures: 2_250, total_rejected: 0 });
});

test("a failure that passes within the silence does not open it, however many calls it hits", async () => {
  const circuit = open();
  await succeed(circuit);
  await Promise.allSettled(Array.from({ length: 100 }, () => fail(circuit)));
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.silence - 1);
  await fail(circuit).catch(() => undefined);
  expect(circuit.state()).toBe("closed");
  vi.advanceTimersByTime(1);
  await fail(circuit).catch(() => undefined);
  expect(circuit.state()).toBe("open");
});

test("answers that say nothing of the dependency show that it is there", async () => {
  const circuit = open();
  for (let i = 0; i < 300; i++) {
    await fail(circuit, i % 4 === 0 ? new Refusal("no") : new Trouble("down")).catch(() => undefined);
    vi.advanceTimersByTime(20);
  }
  expect(circuit.stats()).toMatchObject({ state: "closed", total_requests: 300, total_failures: 225 });
});

test("a caller that gives up says neither", async () => {
  const circuit = open();
  const calledOff = new DOMException("The request's time was up", "AbortError");
  for (let i = 0; i < 100; i++) {
    await expect(fail(circuit, calledOff)).rejects.toBe(calledOff);
    vi.advanceTimersByTime(20);
  }
  expect(circuit.stats()).toMatchObject({ state: "closed", total_requests: 0 });
});

test("failures that lie far apart are not in a row", async () => {
  const circuit = open();
  for (let i = 0; i < 4 * CIRCUIT_SETTINGS.failures; i++) {
    await fail(circuit).catch(() => undefined);
    vi.advanceTimersByTime(10_000);
  }
  expect(circuit.state()).toBe("closed");
});

test("finds the dependency back by probes of its own, within 300 ms, without a caller", async () => {
  for (let outage = 0; outage < 20; outage++) {
    [probed, probes] = [false, 0];
    const circuit = open();
    await breakIt(circuit);
    await vi.advanceTimersByTimeAsync(3_000 + 7 * outage);
    expect(circuit.state()).toBe("open");
    // Every 100 to 200 ms.
    expect(probes).toBeGreaterThanOrEqual(15);
    expect(probes).toBeLessThanOrEqual(32);
    probed = true;
    await vi.advanceTimersByTimeAsync(300);
    expect(circuit.state()).toBe("closed");
    expect(await succeed(circuit)).toBe("fine");
    probes = 0;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(probes).toBe(0);
  }
});

test("a probe that hangs does not hold up the one that finds the dependency back", async () => {
  const circuit = open();
  probed = "hangs";
  await breakIt(circuit);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(circuit.state()).toBe("open");
  probed = true;
  await vi.advanceTimersByTimeAsync(300);
  expect(circuit.state()).toBe("closed");
});

test("traffic grows back step by step", async () => {
  const circuit = open();
  await breakIt(circuit);
  probed = true;
  while (circuit.state() === "open") await vi.advanceTimersByTimeAsync(1);
  expect(circuit.state()).toBe("half_open");
  probed = "hangs";
  const ends: (() => void)[] = [];
  const call = () => circuit.execute(() => new Promise<void>((resolve) => ends.push(resolve)));
  const calls = Array.from({ length: 100 }, () => call().catch(() => undefined));
  expect(ends).toHaveLength(16);
  expect(circuit.admits()).toBe(false);
  ends[0]?.();
  await calls[0];
  expect(circuit.admits()).toBe(true);
  calls.push(...Array.from({ length: 100 }, () => call().catch(() => undefined)));
  expect(ends).toHaveLength(33); // 32 at a time, of which one has ended.
  for (const end of ends) end();
  await Promise.all(calls);
  expect(circuit.state()).toBe("closed");
});

test("probes that are well while calls hang are believed less each time", async () => {
  const circuit = open();
  probed = true;
  let openedFor = 0;
  let openings = 0;
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const before = circuit.state();
    fail(circuit).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(10);
    if (circuit.state() === "open") openedFor += 10;
    if (before !== "open" && circuit.state() === "open") openings += 1;
  }
  // Open for two seconds, then tried for half a second: not once every 700 ms.
  expect(openings).toBeLessThan(30);
  expect(openedFor).toBeGreaterThan(40_000);
  // One call that succeeds restores the trust.
  while (circuit.state() !== "closed") await vi.advanceTimersByTimeAsync(10);
  await succeed(circuit);
  await breakIt(circuit);
  await vi.advanceTimersByTimeAsync(300);
  expect(circuit.state()).toBe("closed");
});

test("calls from before an outage that fail once it is over do not bring it back", async () => {
  const circuit = open();
  const endings: ((error: Error) => void)[] = [];
  const old = Array.from({ length: 20 }, () =>
    circuit.execute(() => new Promise((_, reject) => endings.push(reject))).catch(() => undefined),
  );
  await breakIt(circuit);
  probed = true;
  await vi.advanceTimersByTimeAsync(1_000);
  for (const end of endings) end(new Trouble("timed out at last"));
  await Promise.all(old);
  expect(circuit.state()).toBe("closed");
});

test("without probes, or when the process was frozen, a caller is the probe", async () => {
  const circuit = open({ isProbed: false });
  await breakIt(circuit);
  await expect(succeed(circuit)).rejects.toBeInstanceOf(CircuitOpenError);
  vi.advanceTimersByTime(4 * CIRCUIT_SETTINGS.probeEvery + 1);
  expect(circuit.admits()).toBe(true);
  await expect(fail(circuit)).rejects.toBeInstanceOf(Trouble);
  expect(circuit.admits()).toBe(false);
  await expect(succeed(circuit)).rejects.toBeInstanceOf(CircuitOpenError);
  vi.advanceTimersByTime(4 * CIRCUIT_SETTINGS.probeEvery + 1);
  expect(await succeed(circuit)).toBe("fine");
  expect(circuit.state()).toBe("half_open");
});

test("another process is believed unless the dependency has answered here of late, and only until the next probe", async () => {
  const circuit = open();
  probed = true;
  await succeed(circuit);
  circuit.believeOpen();
  expect(circuit.state()).toBe("closed");
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.silence);
  circuit.believeOpen();
  expect(circuit.state()).toBe("open");
  await vi.advanceTimersByTimeAsync(300);
  expect(circuit.state()).toBe("closed");
});

test("another process that says so again and again is believed no longer for it", async () => {
  const circuit = open();
  probed = true;
  for (let word = 0; word < 10; word++) {
    vi.advanceTimersByTime(CIRCUIT_SETTINGS.silence);
    circuit.believeOpen();
    expect(circuit.state()).toBe("open");
    await vi.advanceTimersByTimeAsync(300);
    expect(circuit.state()).toBe("closed");
  }
});

test("a clock that is set back holds nothing open", async () => {
  const circuit = open();
  await breakIt(circuit);
  vi.setSystemTime(Date.now() - 3_600_000);
  probed = true;
  await vi.advanceTimersByTimeAsync(300);
  expect(circuit.state()).toBe("closed");
  expect(circuit.stats().failures).toBeGreaterThan(0);
});

test("a reset of a closed circuit is no change, and forgets the failures so far", async () => {
  const circuit = open();
  for (let call = 1; call < CIRCUIT_SETTINGS.failures; call++) await fail(circuit).catch(() => undefined);
  vi.advanceTimersByTime(CIRCUIT_SETTINGS.silence);
  circuit.reset();
  await fail(circuit).catch(() => undefined);
  expect([circuit.state(), states]).toEqual(["closed", []]);
});

test("a reset closes it, forgets, and ends its probes", async () => {
  const circuit = open();
  await breakIt(circuit);
  circuit.reset();
  expect(await succeed(circuit)).toBe("fine");
  expect(circuit.stats()).toMatchObject({ state: "closed", failures: 0, successes: 1 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(probes).toBe(0);
});

test.each(["succeeds", "fails"])("a call that %s after a reset has no say", async (outcome) => {
  const circuit = open();
  let answer: (error?: Error) => void = () => undefined;
  const calls = Array.from({ length: 10 }, () =>
    circuit
      .execute(
        () =>
          new Promise<void>((resolve, reject) => {
            const before = answer;
            answer = (error) => {
              before(error);
              if (error) reject(error);
              else resolve();
            };
          }),
      )
      .catch(() => undefined),
  );
  vi.advanceTimersByTime(5_000);
  circuit.reset();
  vi.advanceTimersByTime(5_000);
  states.length = 0;
  answer(outcome === "fails" ? new Trouble("late") : undefined);
  await Promise.all(calls);
  expect(circuit.state()).toBe("closed");
  expect(circuit.retryAfterSeconds()).toBe(1);
  expect(states).toEqual([]);
});
