import { expect, test } from "vitest";
import { bucketOf } from "../report/histogram.ts";
import {
  between,
  generatorPeak,
  latencyOf,
  parseSecond,
  type Second,
  successOf,
  throughputOf,
  totalsOf,
} from "./timeline.ts";

const second = (time: number, generator_cpu: number, ok: number, refused = 0): Second => ({
  time,
  second: time - 100,
  users: 5,
  generator_cpu,
  requests: {
    "GET /products/{id}": { ok, refused, failed: 0, latency: { [bucketOf(10)]: ok } },
    "GET /cart/{user}": { ok: 1, refused: 0, failed: 1, latency: { [bucketOf(1_000)]: 1 } },
  },
  waiting: 0,
  refusals: {},
  errors: {},
});

test("a line of the generator's timeline is read, and one that is none is not", () => {
  const line = second(100, 0.5, 3);
  expect(parseSecond(JSON.stringify(line))).toEqual(line);
  expect(() => parseSecond('{"time":1}')).toThrow();
});

test("answers in some seconds, of all requests or of some", () => {
  const seconds = [second(100, 0, 9, 1), second(101, 0, 9, 1)];
  const all = totalsOf(seconds);
  expect(all).toMatchObject({ seconds: 2, ok: 20, refused: 2, failed: 2 });
  expect(throughputOf(all)).toBe(10);
  expect(successOf(all)).toBeCloseTo(20 / 24);
  expect(latencyOf(all, 0.5)).toBeCloseTo(10, 0);
  expect(latencyOf(all, 0.95)).toBeGreaterThan(900);
  expect(latencyOf(all, 1)).toBeGreaterThan(900);
  const products = totalsOf(seconds, (name) => name.startsWith("GET /products"));
  expect(products).toMatchObject({ ok: 18, refused: 2, failed: 0 });
});

test("no p99 of fewer than a hundred answers, but the slowest of any", () => {
  const latencies = (ok: number) =>
    [0.5, 0.99, 1].map((share) => latencyOf(totalsOf([second(100, 0, ok - 1)]), share) !== null);
  expect([100, 99, 2].map(latencies)).toEqual([
    [true, true, true],
    [true, false, true],
    [true, false, true],
  ]);
});

test("nothing was answered", () => {
  const none = totalsOf([]);
  expect([throughputOf(none), successOf(none), latencyOf(none, 0.5)]).toEqual([0, null, null]);
});

test("only seconds that lie wholly in a stretch are its own", () => {
  const seconds = [100.5, 101.5, 102.5, 103.5].map((time) => second(time, 0, 1));
  expect(between(seconds, 101.5, 103.5).map(({ time }) => time)).toEqual([101.5, 102.5]);
  expect(between(seconds, 101.6, 103.4).map(({ time }) => time)).toEqual([]);
});

test("a generator is at its limit when it is there for two seconds in a row", () => {
  const peakOf = (...shares: number[]) => generatorPeak(shares.map((share, i) => second(100 + i, share, 1)));
  expect(peakOf(0.2, 1, 0.3)).toBe(0.3);
  expect(peakOf(0.2, 0.95, 1, 0.3)).toBe(0.95);
  expect(peakOf()).toBe(0);
});

test("of one second, that one counts", () => {
  expect(generatorPeak([second(100, 0.97, 1)])).toBe(0.97);
});
