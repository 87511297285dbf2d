import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { openLoopAwareTimeout } from "./loop-aware-timeout.ts";

const patience = openLoopAwareTimeout();
afterAll(patience.close);

/** Keeps the event loop from everything else. */
const beBusy = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until; );
};

const never = new Promise<never>(() => undefined);

test("gives up on an unresponsive Redis within the timeout", async () => {
  const [startedAt, deafBefore] = [performance.now(), patience.deaf()];
  await expect(patience.within(never, 50)).rejects.toThrow("No answer within 50 ms");
  // Not counting the time for which a busy machine let nobody listen.
  expect(performance.now() - startedAt - (patience.deaf() - deafBefore)).toBeLessThan(150);
  await expect(patience.within(Promise.reject(new Error("no")), 50)).rejects.toThrow("no");
});

test("an answer that waits while the process is busy counts", async () => {
  const answer = patience.within(
    sleep(300).then(() => "here"),
    250,
  );
  beBusy(1_000);
  expect(await answer).toBe("here");
});

test("counts time spent busy, and no idle time", async () => {
  let idle = Number.POSITIVE_INFINITY;
  // A busy machine may keep an idle process from its processor, but not each time.
  for (let times = 0; times < 10 && idle >= 80; times++) {
    const before = patience.deaf();
    await sleep(100);
    idle = Math.min(idle, patience.deaf() - before);
  }
  expect(idle).toBeLessThan(80);
  const before = patience.deaf();
  beBusy(200);
  expect(patience.deaf() - before).toBeGreaterThan(150);
});

test("a process that is always busy gives up all the same", async () => {
  let rounds = 0;
  const busy = setInterval(() => {
    rounds += 1;
    beBusy(60);
  }, 1);
  await expect(patience.within(never, 20)).rejects.toThrow();
  clearInterval(busy);
  expect(rounds).toBeLessThan(8);
});
