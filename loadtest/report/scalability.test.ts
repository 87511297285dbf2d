import fc from "fast-check";
import { expect, test } from "vitest";
import { seeded } from "../harness/random.ts";
import { kneeOf } from "./knee.ts";
import { fitScalability, type LoadPoint, type ScalabilityFit, throughputAt } from "./scalability.ts";

const LOADS = [1, 10, 50, 100, 250, 500, 1000];

const pointsOf = (loads: readonly number[], throughput: (load: number, i: number) => number): LoadPoint[] =>
  loads.map((load, i) => ({ load, throughput: throughput(load, i) }));

test("the published fit of the SPEC SDM91 figures comes out", () => {
  // Data and coefficients as in the documentation of the R package `usl` 3.0 (Möding).
  const throughputs = [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2];
  const fit = fitScalability(pointsOf([1, 18, 36, 72, 108, 144, 216], (_, i) => throughputs[i] ?? 0));
  expect(fit?.sigma).toBeCloseTo(0.0277285, 6);
  expect(fit?.kappa).toBeCloseTo(0.0001044, 6);
  expect(fit?.lambda).toBeCloseTo(89.995, 2);
  expect(fit?.peakLoad).toBeCloseTo(96.5, 1);
  expect(fit?.r2).toBeGreaterThan(0.98);
});

const law = fc.record({
  lambda: fc.double({ min: 0.5, max: 500, noNaN: true }),
  sigma: fc.double({ min: 0, max: 0.5, noNaN: true }),
  kappa: fc.double({ min: 1e-7, max: 1e-3, noNaN: true }),
});

test("throughputs that follow the law give its coefficients back", () => {
  fc.assert(
    fc.property(law, ({ lambda, sigma, kappa }) => {
      const fit = fitScalability(pointsOf(LOADS, (load) => throughputAt({ lambda, sigma, kappa }, load)));
      expect((fit?.lambda ?? 0) / lambda).toBeCloseTo(1, 4);
      expect(fit?.sigma).toBeCloseTo(sigma, 4);
      expect((fit?.kappa ?? 0) / kappa).toBeCloseTo(1, 3);
      expect(fit?.r2).toBeCloseTo(1, 6);
    }),
  );
});

const squaredError = (points: readonly LoadPoint[], fit: ScalabilityFit): number =>
  points.reduce((sum, { load, throughput }) => sum + (throughput - throughputAt(fit, load)) ** 2, 0);

test("coefficients stay at or above 0 whatever is measured", () => {
  const throughput = fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(throughput, (throughputs) => {
      const points = pointsOf(LOADS, (_, i) => throughputs[i] ?? 0);
      const fit = fitScalability(points);
      if (!fit) throw new Error("no fit");
      expect(fit.sigma).toBeGreaterThanOrEqual(0);
      expect(fit.kappa).toBeGreaterThanOrEqual(0);
      expect(fit.r2).toBeLessThanOrEqual(1);
    }),
  );
});

test("no other law nearby fits noisy throughputs better", () => {
  const noise = fc.array(fc.double({ min: 0.8, max: 1.25, noNaN: true }), { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(law, noise, (truth, factors) => {
      const points = pointsOf(LOADS, (load, i) => throughputAt(truth, load) * (factors[i] ?? 1));
      const fit = fitScalability(points);
      if (!fit) throw new Error("no fit");
      for (const name of ["lambda", "sigma", "kappa"] as const) {
        for (const factor of [0.98, 1.02]) {
          const nearby = { ...fit, [name]: fit[name] * factor };
          expect(squaredError(points, nearby)).toBeGreaterThanOrEqual(squaredError(points, fit) * (1 - 1e-6));
        }
      }
    }),
  );
});

test("with noise, the peak is still found", () => {
  const random = seeded(1);
  const truth = { lambda: 20, sigma: 0.01, kappa: 4e-6 };
  const fit = fitScalability(pointsOf(LOADS, (load) => throughputAt(truth, load) * (0.97 + 0.06 * random())));
  const peak = Math.sqrt((1 - truth.sigma) / truth.kappa);
  expect(Math.abs((fit?.peakLoad ?? 0) / peak - 1)).toBeLessThan(0.25);
});

test("perfect scaling has no peak, and pure contention levels off", () => {
  const linear = fitScalability(pointsOf(LOADS, (load) => 3 * load));
  expect(linear?.lambda).toBeCloseTo(3, 6);
  expect(linear?.sigma).toBeCloseTo(0, 9);
  const queue = fitScalability(
    pointsOf(LOADS, (load) => throughputAt({ lambda: 5, sigma: 0.1, kappa: 0 }, load)),
  );
  expect(queue?.sigma).toBeCloseTo(0.1, 6);
  expect(queue?.peakThroughput).toBeCloseTo(50, 0);
});

test("fewer than three loads give no fit", () => {
  expect(fitScalability(pointsOf([1, 10], (load) => load))).toBeNull();
  expect(fitScalability(pointsOf([10, 10, 10, 20], (load) => load))).toBeNull();
  expect(fitScalability(pointsOf(LOADS, () => 0))).toBeNull();
});

test("the knee is where a closed load meets the capacity", () => {
  const loads = [100, 200, 300, 400, 500, 600, 800, 1000];
  expect(kneeOf(pointsOf(loads, (load) => Math.min(4 * load, 1600)))?.load).toBe(400);
  const buckling = (load: number) => (load <= 500 ? 4 * load : 2000 - (load - 500));
  expect(kneeOf(pointsOf(loads, buckling))?.load).toBe(500);
});

test("the knee of Kneedle's own example", () => {
  // y = -1/x + 5 for x from 0 to 0.9, figure 2 of the paper: the knee is at x = 0.22.
  const loads = Array.from({ length: 10 }, (_, i) => i / 10);
  expect(kneeOf(pointsOf(loads, (x) => -1 / (x + 0.1) + 5))?.load).toBe(0.2);
});

test("a curve that still rises has no knee, nor has one too short to tell", () => {
  const loads = [100, 200, 300, 400, 500, 600];
  expect(kneeOf(pointsOf(loads, (load) => 4 * load))).toBeNull();
  expect(kneeOf(pointsOf(loads, (load, i) => 4 * load + (i % 2) * 20))).toBeNull();
  expect(kneeOf(pointsOf([100, 200, 300], (load) => Math.min(load, 200)))).toBeNull();
  expect(kneeOf(pointsOf(loads, () => 7))).toBeNull();
});
