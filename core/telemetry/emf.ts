import { Metrics } from "@aws-lambda-powertools/metrics";
import type { Distribution } from "./histogram.ts";
import { METRIC_SERVICE, METRICS, type MetricDeclaration, type MetricName } from "./metrics.ts";

/** Values of one metric that a line may have. Source: specification of the embedded metric format, "Target members". */
const MOST_VALUES = 100;

/**
 * A distribution as CloudWatch takes it: each value with how often it occurred. AWS's own exporters write it so, to
 * standard output too (aws-otel-js-instrumentation, awsemfexporter); the specification names plain numbers only.
 */
interface Weighted {
  readonly Values: readonly number[];
  readonly Counts: readonly number[];
  readonly Min: number;
  readonly Max: number;
  readonly Count: number;
  readonly Sum: number;
}

type Target = number | Weighted;

/** To a millionth of the unit: less than any clock tells. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

/** Values that do not fit on a line go on further ones, whose counts CloudWatch adds up. */
const targetsOf = ({ count, sum, values, counts }: Distribution): Target[] => {
  if (count === 1) return [rounded(values[0] ?? 0)];
  const shares: { values: number[]; counts: number[]; sum: number }[] = [];
  for (let at = 0; at < values.length; at += MOST_VALUES) {
    const some = values.slice(at, at + MOST_VALUES).map(rounded);
    const times = counts.slice(at, at + MOST_VALUES);
    shares.push({
      values: some,
      counts: times,
      sum: some.reduce((all, value, i) => all + value * (times[i] ?? 0), 0),
    });
  }
  // The buckets' middles add up to about the sum; the sum is known.
  const about = shares.reduce((all, share) => all + share.sum, 0);
  return shares.map((share) => ({
    Values: share.values,
    Counts: share.counts,
    Min: share.values[0] ?? 0,
    Max: share.values.at(-1) ?? 0,
    Count: share.counts.reduce((all, times) => all + times, 0),
    Sum: rounded(about === 0 ? share.sum : (share.sum * sum) / about),
  }));
};

/**
 * Powertools' metrics of one set of dimensions, for the process's life: requests overlap here, and dimensions set for each
 * request on a shared instance would mix.
 */
export const emfSeries = (namespace: string, dimension?: string, value?: string): Metrics =>
  new Metrics({
    namespace,
    serviceName: METRIC_SERVICE,
    ...(dimension && value && { defaultDimensions: { [dimension]: value } }),
  });

/** News of one set of dimensions. */
export interface EmfNews {
  readonly sums: readonly (readonly [MetricName, number])[];
  readonly distributions: readonly (readonly [MetricName, Distribution])[];
}

/** The lines of one set of dimensions: one, unless a distribution has more values than a line takes. */
export const emfLines = (series: Metrics, { sums, distributions }: EmfNews, timestamp: number): string => {
  const rows: (readonly [MetricName, Target])[][] = [[...sums]];
  for (const [name, distribution] of distributions) {
    for (const [row, target] of targetsOf(distribution).entries()) (rows[row] ??= []).push([name, target]);
  }
  return rows
    .filter((targets) => targets.length > 0)
    .map((targets) => lineOf(series, targets, timestamp))
    .join("");
};

const lineOf = (
  series: Metrics,
  targets: readonly (readonly [MetricName, Target])[],
  timestamp: number,
): string => {
  series.setTimestamp(timestamp);
  for (const [name, target] of targets) {
    const { unit }: MetricDeclaration = METRICS[name];
    series.addMetric(name, unit, typeof target === "number" ? target : target.Max);
  }
  // Powertools knows no weights: they take the place of its values.
  const line = { ...series.serializeMetrics(), ...Object.fromEntries(targets) };
  series.clearMetrics();
  return `${JSON.stringify(line)}\n`;
};
