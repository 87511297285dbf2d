import type { LoadPoint } from "./scalability.ts";

/**
 * The load at which more users stop bringing more throughput: Kneedle (Satopää, Albrecht, Irwin and Raghavan,
 * Finding a "Kneedle" in a Haystack, 2011) for a curve that rises and bends down, with sensitivity 1 and without
 * smoothing: points should be medians already. Null where the curve doesn't bend, or for fewer than four points.
 */
export const kneeOf = (points: readonly LoadPoint[]): LoadPoint | null => {
  const sorted = points.toSorted((a, b) => a.load - b.load);
  const loads = sorted.map(({ load }) => load);
  const throughputs = sorted.map(({ throughput }) => throughput);
  const spanOf = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  if (sorted.length < 4 || spanOf(loads) === 0 || spanOf(throughputs) === 0) return null;
  const above = sorted.map(
    ({ load, throughput }) =>
      (throughput - Math.min(...throughputs)) / spanOf(throughputs) -
      (load - Math.min(...loads)) / spanOf(loads),
  );
  const highest = Math.max(...above);
  const knee = above.indexOf(highest);
  const isBend = above.slice(knee).some((height) => height < highest - 1 / (sorted.length - 1));
  return isBend ? (sorted[knee] ?? null) : null;
};
