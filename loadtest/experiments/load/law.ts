import { fitScalability, type LoadPoint, type ScalabilityFit } from "../../report/scalability.ts";
import { bootstrap, type Interval, percentile } from "../../report/statistics.ts";
import { medianOf } from "../lab-figures.ts";

/** Three coefficients from fewer points say more about the noise than about the shop. */
const LEAST_POINTS = 6;
export const COEFFICIENTS = ["lambda", "sigma", "kappa"] as const;
export type Coefficient = (typeof COEFFICIENTS)[number];

/** The Universal Scalability Law fitted to medians, with the spread of its coefficients over the repeats. */
export interface Law {
  readonly fit: ScalabilityFit;
  readonly intervals: Readonly<Record<Coefficient, Interval>> | undefined;
  readonly repeats: number;
}

/** @param repeats the throughputs of each repeat; null where there is too little to fit it to */
export const lawOf = (repeats: readonly (readonly LoadPoint[])[]): Law | null => {
  const points = mediansOf(repeats);
  const fit = points.length >= LEAST_POINTS ? fitScalability(points) : null;
  if (!fit) return null;
  return { fit, intervals: intervalsOf(repeats), repeats: repeats.length };
};

export const mediansOf = (repeats: readonly (readonly LoadPoint[])[]): LoadPoint[] =>
  [...Map.groupBy(repeats.flat(), ({ load }) => load)]
    .sort(([a], [b]) => a - b)
    .map(([load, points]) => ({
      load,
      throughput: medianOf(points.map(({ throughput }) => throughput)) ?? 0,
    }));

/** Repeats are drawn as a whole: the steps of one are no independent measurements. */
const intervalsOf = (repeats: readonly (readonly LoadPoint[])[]): Law["intervals"] => {
  if (repeats.length < 2) return undefined;
  const fits = bootstrap(repeats, 200, (drawn) => fitScalability(mediansOf(drawn))).filter(
    (fit) => fit !== null,
  );
  const interval = (name: Coefficient): Interval => {
    const values = fits.map((fit) => fit[name]);
    return { low: percentile(values, 0.025), high: percentile(values, 0.975) };
  };
  return { lambda: interval("lambda"), sigma: interval("sigma"), kappa: interval("kappa") };
};
