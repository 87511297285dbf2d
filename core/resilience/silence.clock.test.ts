import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openCircuit } from "./circuit.ts";
import { SilenceError, unlessSilent } from "./silence.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => vi.useRealTimers());

const open = () => openCircuit({ name: "test", isFailure: () => true });

test("a caller with a second best waits no longer once nobody is answered", async () => {
  const circuit = open();
  const work = Promise.withResolvers<string>();
  const call = unlessSilent(
    circuit.execute(() => work.promise),
    circuit,
  );
  call.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(249);
  expect(await Promise.race([call, "waiting"])).toBe("waiting");
  await vi.advanceTimersByTimeAsync(1);
  await expect(call).rejects.toBeInstanceOf(SilenceError);
  expect(vi.getTimerCount()).toBe(0);
});

test("while others are answered a slow call is waited for", async () => {
  const circuit = open();
  const work = Promise.withResolvers<string>();
  const call = unlessSilent(
    circuit.execute(() => work.promise),
    circuit,
  );
  for (let other = 0; other < 30; other++) {
    await circuit.execute(async () => "fine");
    await vi.advanceTimersByTimeAsync(100);
  }
  work.resolve("late");
  expect(await call).toBe("late");
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("a failure comes through as it is", async () => {
  const circuit = open();
  const failure = new Error("no");
  await expect(unlessSilent(Promise.reject(failure), circuit)).rejects.toBe(failure);
});
