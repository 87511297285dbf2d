import { expect, test, vi } from "vitest";
import { seeded } from "../../harness/random.ts";
import { breakSomething, DYNAMODB_TIMEOUT_MS } from "./torture-faults.ts";

test("among the troubles are a database that dies under the shop's hands and answers that nobody waits for", async () => {
  vi.stubGlobal("fetch", async () => new Response());
  const random = seeded(1);
  const proxy = {
    set: vi.fn<(settings: { stall?: number; stallMs?: number }) => void>(),
    silenceOne: vi.fn(() => true),
  };
  const engine = {
    kill: vi.fn(async () => undefined),
    start: vi.fn(async () => undefined),
    signal: vi.fn<(name: NodeJS.Signals) => void>(),
  };
  const signals = (name: NodeJS.Signals): number =>
    engine.signal.mock.calls.filter(([signal]) => signal === name).length;
  const lives: { lifeMs: number; stallMs: number }[] = [];
  for (let i = 0; i < 200; i++) {
    const stage = { url: "http://shop", engine, dynamodb: proxy, redis: undefined };
    const { lifeMs } = await breakSomething(random, stage as never);
    lives.push({ lifeMs, stallMs: proxy.set.mock.lastCall?.[0].stallMs ?? 0 });
  }
  const given = lives.filter(({ stallMs }) => stallMs > DYNAMODB_TIMEOUT_MS);
  expect(given.length).toBeGreaterThan(3);
  for (const { lifeMs } of given) expect(lifeMs).toBeGreaterThan(DYNAMODB_TIMEOUT_MS);
  await vi.waitFor(() => {
    expect(engine.kill.mock.calls.length).toBeGreaterThan(3);
    expect(engine.start.mock.calls.length).toBe(engine.kill.mock.calls.length);
    expect(signals("SIGSTOP")).toBeGreaterThan(1);
    expect(signals("SIGCONT")).toBe(signals("SIGSTOP"));
    expect(proxy.silenceOne.mock.calls.length).toBeGreaterThan(1);
  }, 20_000);
  vi.unstubAllGlobals();
});
