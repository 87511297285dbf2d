import { expect, test } from "vitest";
import { type Line, openAdmissionQueue, QUEUE_SETTINGS, type Turn } from "./admission-queue.ts";

const { slice, interval, batch, few } = QUEUE_SETTINGS;

const FIRST: Line = { rank: 0, patience: { burst: 1_000, standing: 100 } };
const LAST: Line = { rank: 3, patience: { burst: 200, standing: 10 } };

/** A queue on an event loop of our own: each turn runs what was asked for in the turn before. */
const setUp = () => {
  let now = 0;
  let coming: (() => void)[] = [];
  const begun: string[] = [];
  const refused: string[] = [];
  /** Milliseconds for which each that was begun had waited. */
  const waits: number[] = [];
  const queue = openAdmissionQueue(
    () => now,
    QUEUE_SETTINGS,
    (act) => coming.push(act),
  );
  const pass = (ms: number): void => {
    now += ms;
  };
  return {
    begun,
    refused,
    waits,
    pass,
    isIdle: () => coming.length === 0,
    /** Arrives; begun, it takes so many milliseconds. */
    arrive: (name: string, line: Line, ms: number): void => {
      const begin = ({ mayBegin, waited }: Turn): void => {
        (mayBegin ? begun : refused).push(name);
        if (!mayBegin) return;
        waits.push(waited);
        pass(ms);
      };
      if (queue.isOpen()) begin({ mayBegin: true, waited: 0 });
      else void queue.wait(line).then(begin);
    },
    turn: async (): Promise<void> => {
      const acts = coming;
      coming = [];
      for (const act of acts) {
        act();
        for (let i = 0; i < 5; i++) await Promise.resolve(); // As the runtime does after each callback.
      }
    },
  };
};

test("while a turn has time left, nobody waits", async () => {
  const { arrive, turn, begun, isIdle } = setUp();
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < slice; i++) arrive(`${round}.${i}`, LAST, 1);
    expect(begun).toHaveLength((round + 1) * slice);
    await turn();
  }
  expect(isIdle()).toBe(true); // An idle process sleeps.
});

test("a turn begins no more than its slice; the rest comes in the next ones, the most important first", async () => {
  const { arrive, turn, begun } = setUp();
  for (let i = 0; i < 5; i++) arrive(`search ${i}`, LAST, 2);
  expect(begun).toEqual(["search 0", "search 1", "search 2"]); // The third began within the slice.
  arrive("checkout", FIRST, 2);
  await turn();
  expect(begun).toHaveLength(3);
  await turn();
  expect(begun.slice(3)).toEqual(["checkout", "search 3", "search 4"]);
});

test("who comes while others wait does not overtake them", async () => {
  const { arrive, turn, begun } = setUp();
  for (let i = 0; i < 4; i++) arrive(`${i}`, LAST, slice);
  await turn();
  arrive("late", LAST, 1);
  for (let i = 0; i < 5; i++) await turn();
  expect(begun).toEqual(["0", "1", "2", "3", "late"]);
});

test("work that takes no time is begun in batches, so that what has begun gets its turn", async () => {
  const { arrive, turn, begun } = setUp();
  arrive("long", LAST, slice);
  for (let i = 0; i < 3 * batch; i++) arrive(`${i}`, LAST, 0);
  await turn();
  await turn();
  expect(begun).toHaveLength(1 + batch);
  await turn();
  expect(begun).toHaveLength(1 + 2 * batch);
});

test("a burst is served as long as its patience lasts", async () => {
  const { arrive, turn, begun, refused } = setUp();
  for (let i = 0; i < 90; i++) arrive(`${i}`, LAST, slice);
  for (let i = 0; i < 100; i++) await turn();
  expect(begun.length).toBeGreaterThanOrEqual(LAST.patience.burst / slice);
  expect(begun.length).toBeLessThanOrEqual(LAST.patience.burst / slice + few + 2);
  expect(begun.length + refused.length).toBe(90);
});

test("in a queue that stands, nobody waits for long, and the important are still begun", async () => {
  const { arrive, turn, begun, refused, waits } = setUp();
  // Twice what it can do, for ten intervals.
  for (let i = 0; i < 10 * few; i++) arrive("search", LAST, 1);
  for (let ms = 0; ms < 10 * interval; ms += slice) {
    for (let i = 0; i < 2 * slice; i++) arrive("search", LAST, 1);
    if (ms % (20 * slice) === 0) arrive("checkout", FIRST, slice);
    await turn();
  }
  expect(Math.max(...waits.slice(0, interval))).toBeGreaterThan(LAST.patience.standing + few + slice);
  // The few that may wait take their time too.
  expect(Math.max(...waits.slice(5 * interval))).toBeLessThanOrEqual(
    LAST.patience.standing + few + 2 * slice,
  );
  expect(refused.filter((name) => name === "search").length).toBeGreaterThan(50);
  expect(refused).not.toContain("checkout");
  expect(begun.filter((name) => name === "checkout").length).toBeGreaterThanOrEqual(9);
});

test("a few that wait are not refused, however long the process is held up", async () => {
  const { arrive, turn, begun, refused, pass } = setUp();
  for (let i = 0; i < few; i++) {
    arrive("one", LAST, 1);
    if (i % 8 === 7) {
      pass(interval / 2);
      arrive("another", LAST, slice);
      await turn();
    }
  }
  for (let i = 0; i < 10; i++) await turn();
  expect(begun.length).toBe(few + few / 8);
  for (let i = 0; i < few; i++) arrive("late", LAST, slice);
  pass(10 * LAST.patience.burst);
  for (let i = 0; i < 40; i++) await turn();
  expect(refused).toEqual([]);
});

test("once it was empty, a burst may wait again", async () => {
  const { arrive, turn, begun, refused, pass, isIdle } = setUp();
  for (let ms = 0; ms < 6 * interval; ms += slice) {
    for (let i = 0; i < 3 * slice; i++) arrive("flood", LAST, 1);
    await turn();
  }
  expect(refused.length).toBeGreaterThan(5);
  while (!isIdle()) await turn();
  const before = { begun: begun.length, refused: refused.length };
  pass(1_000);
  for (let i = 0; i < 20; i++) arrive("burst", LAST, slice);
  while (!isIdle()) await turn();
  expect(begun.length - before.begun).toBe(20);
  expect(refused).toHaveLength(before.refused);
});
