import { expect, test } from "vitest";
import { throughputAt } from "../../report/scalability.ts";
import type { RunningLoad } from "../generator.ts";
import type { Sample } from "../sampler.ts";
import { lawOf } from "./law.ts";
import { lawAnswer, lawTable } from "./law-report.ts";
import { sideOf } from "./sides.ts";
import { bottleneckOf, type StepRow, stepRowOf } from "./steps.ts";

const NONE: RunningLoad = {
  seconds: [],
  started: Promise.resolve(100),
  ended: Promise.resolve(),
  stop: async () => undefined,
  endEarly: async () => undefined,
};

/** A step as it is measured of two servers, of which the second may stand idle. */
const stepOf = (servers: number, repeat: number, users: number, throughput = 0): StepRow => {
  const sample: Sample = {
    time: 101,
    cpu: { "server 1": 0.7, "server 2": 0.1, DynamoDB: 0.3 },
    memoryMb: { "server 1": 200, "server 2": 120, DynamoDB: 50 },
    machine: 0.9,
    loopDelay: 5,
  };
  const stretch = { from: 100, to: 102 };
  const row = stepRowOf({ servers, repeat, users, load: NONE, stretch }, [sample]);
  return { ...row, throughput, answers: 4 * throughput, success: 1, p95: 10 };
};

test("memory and CPU are those of the servers in use", () => {
  expect(stepOf(1, 1, 100)).toMatchObject({
    memoryMb: 200,
    serverCpu: 0.7,
    busiestServer: 0.7,
    engineCpu: 0.3,
  });
  expect(stepOf(2, 1, 100).memoryMb).toBe(320);
  expect(stepOf(2, 1, 100).serverCpu).toBeCloseTo(0.8);
});

test("names the saturated resource only of processes that are seen", () => {
  const seen = stepOf(1, 1, 100);
  expect(bottleneckOf([{ ...seen, busiestServer: 0.95 }])).toContain("a server process's JavaScript thread");
  expect(bottleneckOf([{ ...seen, serverCpu: null }])).toMatch(
    /^the saturated resource there is not seen from here/,
  );
});

const LOADS = [100, 250, 500, 1_000, 1_500, 2_000];
const climbed = (loads: readonly number[], noise: number) =>
  loads.map((load) => ({
    load,
    throughput: noise * throughputAt({ lambda: 1, sigma: 2e-4, kappa: 1e-8 }, load),
  }));
const REPEATS = [1, 1.03, 0.97].map((noise) => climbed(LOADS, noise));

test("coefficients come with what the repeats leave open", () => {
  const law = lawOf(REPEATS);
  expect(law?.fit.lambda).toBeCloseTo(1, 2);
  expect(law?.intervals?.lambda.low).toBeCloseTo(0.97, 2);
  expect(law?.intervals?.lambda.high).toBeCloseTo(1.03, 2);
  expect(lawOf(REPEATS.slice(0, 1))?.intervals).toBeUndefined();
});

test("five steps are too few for three coefficients", () => {
  expect(lawOf(REPEATS.map((points) => points.slice(1)))).toBeNull();
});

test("a peak that nobody measured is called so", () => {
  const rows = REPEATS.flatMap((points, i) =>
    points.map(({ load, throughput }) => stepOf(1, i, load, throughput)),
  );
  const [table] = lawTable([sideOf(rows, 1, false)]);
  expect(table?.title).toContain("with the range over repeats");
  expect(table?.rows[0]?.at(-1)).toMatch(/beyond the measured users$/);
  expect(table?.rows[0]?.[1]).toBe("1 (0.97 to 1)");
  expect(lawAnswer([sideOf(rows, 1, false)])).toHaveLength(1);
});

test("each repeat ends where it buckles", () => {
  const rows = [
    ...[100, 200, 300].map((throughput, i) => stepOf(1, 1, 100 * (i + 1), throughput)),
    ...[100, 200, 90].map((throughput, i) => stepOf(1, 2, 100 * (i + 1), throughput)),
  ];
  expect(sideOf(rows, 1, false).repeats.map(({ buckled }) => buckled?.users ?? null)).toEqual([null, 300]);
});
