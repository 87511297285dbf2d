import { expect, test } from "vitest";
import { type Kind, LIMITER_SETTINGS, openLimiter } from "./limiter.ts";

const SERVICE_MS = 10;
const ANY: Kind = { name: "any", share: 1, guaranteed: 0 };

/**
 * A server that works on `capacity` requests at a time: with more in flight each takes longer in proportion.
 * Runs closed-loop clients against it for a while; what was admitted at the end, and how long it took.
 */
const simulate = (
  limiter: ReturnType<typeof openLimiter>,
  clock: { now: number },
  load: { clients: number; capacity: number; seconds: number },
) => {
  const busy: number[] = [];
  let latencies: number[] = [];
  let refused = 0;
  for (const end = clock.now + load.seconds * 1_000; clock.now < end; clock.now += 1) {
    for (let i = busy.length - 1; i >= 0; i--) {
      const startedAt = busy[i] ?? 0;
      const ms = SERVICE_MS * Math.max(1, busy.length / load.capacity);
      if (clock.now - startedAt < ms) continue;
      busy.splice(i, 1);
      limiter.release(ANY, "GET /", clock.now - startedAt);
      latencies.push(clock.now - startedAt);
    }
    for (let client = busy.length; client < load.clients; client++) {
      if (!limiter.admit(ANY)) {
        refused += 1;
        break;
      }
      busy.push(clock.now);
    }
    // What keeps requests from being answered in time keeps the event loop busy.
    limiter.noteLoopDelay(busy.length > load.capacity ? 50 : 0);
    if (clock.now === end - 1_000) latencies = [];
  }
  const mean = latencies.reduce((sum, ms) => sum + ms, 0) / latencies.length;
  for (const startedAt of busy) limiter.release(ANY, "GET /", clock.now - startedAt);
  return { mean, refused };
};

const setUp = () => {
  const clock = { now: 0 };
  return {
    clock,
    limiter: openLimiter(() => clock.now),
  };
};

test("under a load it can take, nobody is refused", () => {
  const { clock, limiter } = setUp();
  const { refused } = simulate(limiter, clock, { clients: 80, capacity: 100, seconds: 10 });
  expect(refused).toBe(0);
});

test("under three times the load, latency stays within the tolerance", () => {
  const { clock, limiter } = setUp();
  simulate(limiter, clock, { clients: 80, capacity: 100, seconds: 10 });
  const { mean, refused } = simulate(limiter, clock, { clients: 1_000, capacity: 100, seconds: 20 });
  expect(refused).toBeGreaterThan(0);
  expect(mean).toBeLessThan(SERVICE_MS * LIMITER_SETTINGS.tolerance * 1.5);
  // It does not starve the server either.
  expect(limiter.stats().limit).toBeGreaterThanOrEqual(100);
});

test("when the load is gone, it lets everybody in again", () => {
  const { clock, limiter } = setUp();
  simulate(limiter, clock, { clients: 1_000, capacity: 50, seconds: 20 });
  const { refused } = simulate(limiter, clock, { clients: 90, capacity: 100, seconds: 20 });
  expect(limiter.admit(ANY)).toBe(true);
  expect(refused).toBeLessThan(10_000);
  expect(simulate(limiter, clock, { clients: 90, capacity: 100, seconds: 5 }).refused).toBe(0);
});

const kind = (name: string, share: number, guaranteed = 0): Kind => ({ name, share, guaranteed });

test("the less important is refused first", () => {
  const { limiter } = setUp();
  const admitted = { search: 0, browse: 0, checkout: 0 };
  while (limiter.admit(kind("search", 0.5))) admitted.search += 1;
  while (limiter.admit(kind("browse", 0.75))) admitted.browse += 1;
  while (limiter.admit(kind("checkout", 1))) admitted.checkout += 1;
  const { initial } = LIMITER_SETTINGS;
  expect(admitted).toEqual({ search: initial / 2, browse: initial / 4, checkout: initial / 4 });
});

test("no kind is locked out by others that fill the limit", () => {
  const { limiter } = setUp();
  while (limiter.admit(kind("checkout", 1)));
  const browse = kind("browse", 0.75, 0.2);
  let admitted = 0;
  for (; limiter.admit(browse); admitted++) expect(limiter.hasRoom(kind("search", 0.5))).toBe(false);
  expect(admitted).toBe(Math.ceil(LIMITER_SETTINGS.initial * 0.2));
  limiter.release(browse, "GET /", 1);
  expect(limiter.admit(browse)).toBe(true);
});

test("a lagging event loop brings the limit down to its floor, not below", () => {
  const { clock, limiter } = setUp();
  limiter.noteLoopDelay(500);
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j <= LIMITER_SETTINGS.min; j++) limiter.admit(ANY);
    clock.now += LIMITER_SETTINGS.window;
    for (let j = limiter.stats().in_flight; j > 0; j--) limiter.release(ANY, "GET /", SERVICE_MS);
  }
  expect(limiter.stats().limit).toBe(LIMITER_SETTINGS.min);
  expect(limiter.admit(ANY)).toBe(true);
});

test("slow dependencies, mixed latencies and a busy start of an idle process are no overload", () => {
  const { clock, limiter } = setUp();
  const serve = (ms: number, loopDelay: number): void => {
    limiter.noteLoopDelay(loopDelay);
    for (let i = 0; i < 40; i++) limiter.admit(ANY);
    clock.now += LIMITER_SETTINGS.window;
    for (let i = 0; i < 40; i++) limiter.release(ANY, "GET /", ms);
  };
  serve(1, 400); // An index is being built.
  for (let i = 0; i < 20; i++) serve(i % 2 ? 0.2 : 30, 0);
  for (let i = 0; i < 20; i++) serve(1_500, 0);
  expect(limiter.stats().limit).toBe(LIMITER_SETTINGS.initial);
});
