import { expect, test } from "vitest";
import { openWaitingLine } from "./waiting-line.ts";

const OBJECTIVE = 500;

interface Load {
  /** Requests and begins a second. */
  readonly arrivals: number;
  readonly capacity: number;
  readonly seconds: number;
}

/** Lets requests arrive and be begun at steady rates; gives each one's wait in milliseconds, undefined for a shed one. */
const simulate = ({ arrivals, capacity, seconds }: Load, line = openWaitingLine(OBJECTIVE), from = 0) => {
  const waits: (number | undefined)[] = [];
  let [arrived, begun] = [0, 0];
  for (let ms = 0; ms <= seconds * 1_000; ms++) {
    const now = from + ms;
    for (; arrived < (arrivals * ms) / 1_000; arrived++) {
      const id = waits.push(undefined) - 1;
      line.join({ since: now, begin: () => (waits[id] = -1), shed: () => undefined });
    }
    line.shedLate(now);
    for (; begun < (capacity * ms) / 1_000; begun++) {
      const waiter = line.next(now);
      if (!waiter) continue;
      waiter.begin();
      waits[waits.indexOf(-1)] = now - waiter.since;
    }
  }
  return { waits, shed: waits.filter((wait) => wait === undefined).length - line.length() };
};

/** Three come in each millisecond, and one is begun. @returns the waits of those shed, and of those begun */
const overload = (line: ReturnType<typeof openWaitingLine>, until: number) => {
  const shedAfter: number[] = [];
  const begunAfter: number[] = [];
  let now = 0;
  for (; now < until; now++) {
    const since = now;
    const shed = (): void => void shedAfter.push(now - since);
    for (let i = 0; i < 3; i++) line.join({ since, begin: () => undefined, shed });
    line.shedLate(now);
    const waiter = line.next(now);
    if (waiter) begunAfter.push(now - waiter.since);
  }
  return { shedAfter, begunAfter };
};

test("the oldest goes first while the line can be worked off in time", () => {
  const line = openWaitingLine(OBJECTIVE);
  const order: number[] = [];
  for (const id of [1, 2, 3])
    line.join({ since: id, begin: () => order.push(id), shed: () => order.push(-id) });
  for (let at = 4; at < 7; at++) line.next(at)?.begin();
  expect(order).toEqual([1, 2, 3]);
  expect(line.next(7)).toBeUndefined();
  expect(line.length()).toBe(0);
});

test("a load that fits is never shed, however long the line was at first", () => {
  const line = openWaitingLine(OBJECTIVE);
  let shed = 0;
  // All at once, and more than can be begun within the objective: a burst.
  for (let i = 0; i < 350; i++) line.join({ since: 0, begin: () => undefined, shed: () => (shed += 1) });
  for (let now = 1; line.length() > 0; now++) {
    line.shedLate(now);
    if (now % 2 === 0) line.next(now)?.begin();
  }
  expect(shed).toBe(0);
});

test("a stall of the machine sheds nothing that is worked off in time afterwards", () => {
  const line = openWaitingLine(OBJECTIVE);
  simulate({ arrivals: 1_001, capacity: 1_000, seconds: 2 }, line);
  let shed = 0;
  for (let i = 0; i < 100; i++) line.join({ since: 2_000, begin: () => undefined, shed: () => (shed += 1) });
  // A second and a half in which the process does not run.
  for (let now = 3_500; line.length() > 0; now++) {
    line.shedLate(now);
    line.next(now)?.begin();
  }
  expect(shed).toBe(0);
});

test("two stalls of the machine, long apart, are no overload either", () => {
  const line = openWaitingLine(OBJECTIVE);
  let shed = 0;
  for (const [began, waiters] of [
    [0, 20],
    [3_600_000, 40],
  ] as const) {
    for (let i = 0; i < waiters; i++)
      line.join({ since: began, begin: () => undefined, shed: () => (shed += 1) });
    line.shedLate(began + 600);
    while (line.length() > 0) line.next(began + 600)?.begin();
  }
  expect(shed).toBe(0);
});

test("a standing overload sheds about the surplus, and only what has waited beyond its objective", () => {
  const line = openWaitingLine(OBJECTIVE);
  const { shedAfter, begunAfter } = overload(line, 10_000);
  expect(begunAfter.length).toBeGreaterThan(9_900);
  expect(shedAfter.length).toBeGreaterThan(17_000);
  expect(Math.min(...shedAfter)).toBeGreaterThan(OBJECTIVE);
  // It takes a while to be known for an overload: the first are late.
  const settled = begunAfter.slice(begunAfter.length / 5);
  // The newest goes first: most of what is answered is answered at once.
  expect(settled.filter((wait) => wait <= OBJECTIVE / 4).length).toBeGreaterThan(settled.length * 0.9);
  expect(Math.max(...settled)).toBeLessThanOrEqual(OBJECTIVE);
});

test("requests that are begun under a standing overload leave the answer its time", () => {
  const service = 300;
  const line = openWaitingLine(OBJECTIVE);
  for (let i = 0; i < 100; i++) line.noteService(service);
  const { begunAfter } = overload(line, 10_000);
  const settled = begunAfter.slice(begunAfter.length / 5);
  expect(Math.max(...settled)).toBeLessThanOrEqual(OBJECTIVE - service);
});

test("answers that take longer than the objective do not keep work from being begun", () => {
  const line = openWaitingLine(OBJECTIVE);
  for (let i = 0; i < 100; i++) line.noteService(10 * OBJECTIVE);
  expect(overload(line, 10_000).begunAfter.length).toBeGreaterThan(9_900);
});

test("a closed loop of clients whose answers come within the objective is never shed", () => {
  const line = openWaitingLine(1_000);
  let shed = 0;
  let now = 0;
  const ask = (): void => line.join({ since: now, begin: ask, shed: () => (shed += 1) });
  for (let client = 0; client < 256; client++) ask();
  // 256 clients at 400 begins a second wait 640 ms each; the rate trembles as a machine's does.
  for (; now < 20_000; now += 1) {
    line.shedLate(now);
    const isPaused = now % 700 < 150;
    const count = isPaused ? 0 : now % 2 === 0 ? 1 : 0;
    for (let i = 0; i < count; i++) line.next(now)?.begin();
  }
  expect(shed).toBe(0);
});

test("a few that wait are no overload, however slow a busy machine is; but no wait is without a bound", () => {
  const line = openWaitingLine(OBJECTIVE);
  let shed = 0;
  const join = (now: number) => line.join({ since: now, begin: () => undefined, shed: () => (shed += 1) });
  // Ten a second come and are begun, each 700 ms late.
  for (let now = 0; now < 20_000; now += 100) {
    join(now);
    line.shedLate(now);
    if (now >= 700) line.next(now)?.begin();
  }
  expect(shed).toBe(0);
  for (let now = 20_000; now <= 20_100 + 4 * OBJECTIVE; now += 100) line.shedLate(now);
  expect(line.length()).toBe(0);
  expect(shed).toBeGreaterThan(0);
});

test("a line whose turn never comes is shed, and one without an objective never", () => {
  for (const [objective, expected] of [
    [500, 40],
    [Number.POSITIVE_INFINITY, 0],
  ] as const) {
    const line = openWaitingLine(objective);
    let shed = 0;
    for (let i = 0; i < 40; i++) line.join({ since: 0, begin: () => undefined, shed: () => (shed += 1) });
    for (let now = 0; now < 4_000; now += 10) line.shedLate(now);
    expect(shed).toBe(expected);
  }
});

test("a waiter that has lost interest leaves", () => {
  const line = openWaitingLine(OBJECTIVE);
  const begun: string[] = [];
  const waiters = ["a", "b", "c"].map((id) => ({
    since: 0,
    begin: () => void begun.push(id),
    shed: () => undefined,
  }));
  for (const waiter of waiters) line.join(waiter);
  for (const waiter of waiters.slice(1, 2)) line.abandon(waiter);
  while (line.length() > 0) line.next(1)?.begin();
  expect(begun).toEqual(["a", "c"]);
});
