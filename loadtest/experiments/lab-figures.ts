import type { Measure } from "../report/run-result.ts";
import { intervalName, median, ratioInterval, ratioOfMedians } from "../report/statistics.ts";
import { present, rounded } from "./plots.ts";

/** One value a repeat; null where nothing was measured. */
export type Samples = readonly (number | null)[];

/** A measure of those samples that there are; none where nothing was measured. */
export const measure = (
  id: string,
  label: string,
  unit: string,
  better: Measure["better"],
  samples: Samples,
): Measure[] => {
  const measured = present(samples).map(rounded);
  return measured.length === 0 ? [] : [{ id, label, unit, better, samples: measured }];
};

/** The median of the samples there are; null of none. */
export const medianOf = (samples: Samples): number | null => {
  const measured = present(samples);
  return measured.length === 0 ? null : median(measured);
};

/** How much a server counted between two looks; null when it has less than before: another process has answered. */
export const grown = (before: number | undefined, after: number | undefined): number | null =>
  before === undefined || after === undefined || after < before ? null : after - before;

/** A median, and of how many it is where some have nothing to tell. */
export const medianOfSome = (samples: Samples, all = samples.length): string => {
  const count = present(samples).length;
  return count === all ? figure(medianOf(samples)) : `${figure(medianOf(samples))} (${count} of ${all})`;
};

/** For sentences: three significant digits, with thousands apart. */
export const figure = (value: number | null | undefined): string =>
  value === null || value === undefined || Number.isNaN(value)
    ? "–"
    : Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 2 });

export const percent = (share: number | null): string => {
  if (share === null) return "–";
  const isNearAnEnd = (share > 0.995 && share < 1) || (share > 0 && share < 0.005);
  return `${(100 * share).toFixed(isNearAnEnd ? 2 : 0)} %`;
};

/** How many times the baseline something is, with its interval, for people. */
export const timesText = (samples: Samples, baseline: Samples): string => {
  const [some, others] = [present(samples), present(baseline)];
  if (some.length === 0 || others.length === 0) return "–";
  const interval = ratioInterval(some, others);
  const name = intervalName(Math.min(some.length, others.length));
  const range = interval ? ` (${name} ${figure(interval.low)}–${figure(interval.high)})` : "";
  return `${figure(ratioOfMedians(some, others))} times${range}`;
};

/** The same as the large figure of an answer. */
export const timesFigure = (samples: Samples, baseline: Samples): string => {
  const [some, others] = [present(samples), present(baseline)];
  return some.length === 0 || others.length === 0 ? "–" : `${figure(ratioOfMedians(some, others))}×`;
};

/** Share of a core above which the generator, which has one, measures itself. */
export const GENERATOR_LIMIT = 0.9;

/** Limits of the figures of every experiment. @param generatorPeaks one a stretch */
export const commonWarnings = (repeat: number, generatorPeaks: readonly number[]): string[] => {
  const saturated = generatorPeaks.filter((peak) => peak > GENERATOR_LIMIT).length;
  const warnings: string[] = [];
  if (repeat < 3) {
    warnings.push(
      `Only ${repeat} ${repeat === 1 ? "repeat" : "repeats"}: enough for an impression, no more.`,
    );
  }
  if (saturated > 0) {
    warnings.push(
      `The load generator used over ${100 * GENERATOR_LIMIT} % of its core in ${saturated} of ${generatorPeaks.length} ` +
        "stretches: there it, not the shop, set the pace, and latencies contain its own delays.",
    );
  }
  return warnings;
};
