// biome-ignore-all lint/style/noExcessiveLinesPerFile: counters and distributions are published together
import type { Metrics } from "@aws-lambda-powertools/metrics";
import { emfLines, emfSeries } from "./emf.ts";
import { type Distribution, Histogram } from "./histogram.ts";
import {
  type DimensionValue,
  type DistributionName,
  METRIC_NAMESPACE,
  METRICS,
  type MetricDeclaration,
  type MetricName,
  type SumName,
} from "./metrics.ts";

/** A sum metric under one value of its dimension, held by code that adds to it often. */
export interface Sum {
  /** Since the last publication; undefined when nothing was added, not even 0. */
  sum: number | undefined;
  /** Since the process started. */
  total: number;
}

/** The values that one set of dimensions gathers between two publications. */
interface Series {
  readonly emf: Metrics;
  readonly sums: [SumName, Sum][];
  /** Each with what reads its values since the last publication. */
  readonly distributions: [DistributionName, () => Distribution][];
}

/** By the value of the dimension; the empty text where there is none. */
type ByValue<T> = Map<string, T>;

/** Growth of the sums, and values of the distributions, since the last reading. */
export interface Reading {
  readonly sums: ReadonlyMap<SumName, ByValue<number>>;
  readonly distributions: ReadonlyMap<DistributionName, ByValue<Distribution>>;
}

/** Everything since the process started. */
export interface Totals {
  readonly sums: ReadonlyMap<SumName, ByValue<number>>;
  readonly histograms: ReadonlyMap<DistributionName, ByValue<Histogram>>;
}

export type MetricRecorder = ReturnType<typeof openRecorder>;

/**
 * Gathers values in memory and publishes them as Powertools' EMF lines when {@link MetricRecorder.publish} is called
 * (a timer, and once more at shutdown).
 */
export const openRecorder = (namespace: string = METRIC_NAMESPACE) => {
  /** By dimension and value. */
  const series = new Map<string, Series>();
  const collectors: (() => void)[] = [];
  const sums = new Map<SumName, ByValue<Sum>>();
  const histograms = new Map<DistributionName, ByValue<Histogram>>();
  const followers: ((histogram: Histogram) => void)[] = [];

  const seriesOf = (name: MetricName, given: string | undefined): Series => {
    const { dimension }: MetricDeclaration = METRICS[name];
    const value = dimension && given ? given : undefined;
    const key = value === undefined ? "" : `${dimension} ${value}`;
    let found = series.get(key);
    if (!found) {
      found = { emf: emfSeries(namespace, dimension, value), sums: [], distributions: [] };
      series.set(key, found);
    }
    return found;
  };

  /** The counter behind a sum metric: {@link count} on it costs no look-up. */
  const sumOf = <Name extends SumName>(name: Name, ...[value]: DimensionValue<Name>): Sum => {
    const known = sums.get(name)?.get(value ?? "");
    if (known) return known;
    const sum: Sum = { sum: undefined, total: 0 };
    seriesOf(name, value).sums.push([name, sum]);
    valuesOf(sums, name).set(value ?? "", sum);
    return sum;
  };

  /** The histogram behind a distribution metric: adding to it costs no look-up. */
  const distributionOf = <Name extends DistributionName>(
    name: Name,
    ...[value]: DimensionValue<Name>
  ): Histogram => {
    const known = histograms.get(name)?.get(value ?? "");
    if (known) return known;
    const histogram = new Histogram();
    seriesOf(name, value).distributions.push([name, histogram.openReader()]);
    valuesOf(histograms, name).set(value ?? "", histogram);
    for (const follow of followers) follow(histogram);
    return histogram;
  };

  const collect = (): void => {
    for (const collector of collectors) collector();
  };

  /** A reader beside the publication, from which it takes nothing. */
  const openReader = (): (() => Reading) => {
    const before = new Map<Sum, number>();
    const readers = new Map<Histogram, () => Distribution>();
    const follow = (histogram: Histogram): void => void readers.set(histogram, histogram.openReader());
    for (const byValue of histograms.values()) for (const one of byValue.values()) follow(one);
    followers.push(follow);
    return () => {
      collect();
      const growthOf = (sum: Sum): number => {
        const growth = sum.total - (before.get(sum) ?? 0);
        before.set(sum, sum.total);
        return growth;
      };
      return {
        sums: mapped(sums, growthOf),
        distributions: mapped(histograms, (histogram) => readers.get(histogram)?.() ?? NOTHING),
      };
    };
  };

  return {
    sumOf,
    distributionOf,
    openReader,

    /** Adds to a sum metric. */
    add<Name extends SumName>(name: Name, amount: number, ...value: DimensionValue<Name>): void {
      count(sumOf(name, ...value), amount);
    },

    /** Notes one value of a distribution metric. */
    observe<Name extends DistributionName>(name: Name, amount: number, ...value: DimensionValue<Name>): void {
      distributionOf(name, ...value).add(amount);
    },

    /** A sum since the process started, over all values of its dimension or those the filter takes. */
    total(name: SumName, takes: (value: string) => boolean = () => true): number {
      let all = 0;
      for (const [value, { total }] of sums.get(name) ?? []) if (takes(value)) all += total;
      return all;
    },

    totals(): Totals {
      collect();
      return { sums: mapped(sums, ({ total }) => total), histograms };
    },

    /** Has something called before each reading, to record what it counts by itself. */
    onPublish(collector: () => void): void {
      collectors.push(collector);
    },

    /** Writes an EMF line for every dimension set that has news, and starts the next interval. */
    publish(): void {
      collect();
      const timestamp = Date.now();
      for (const { emf, ...news } of series.values()) {
        const lines = emfLines(emf, newsOf(news), timestamp);
        if (lines) process.stdout.write(lines);
      }
    },
  };
};

const NOTHING: Distribution = { count: 0, sum: 0, values: [], counts: [] };

const valuesOf = <Name, T>(maps: Map<Name, ByValue<T>>, name: Name): ByValue<T> => {
  let byValue = maps.get(name);
  if (!byValue) maps.set(name, (byValue = new Map()));
  return byValue;
};

const mapped = <K, From, To>(
  maps: ReadonlyMap<K, ByValue<From>>,
  of: (from: From) => To,
): Map<K, ByValue<To>> =>
  new Map(
    [...maps].map(([name, byValue]) => [name, new Map([...byValue].map(([value, one]) => [value, of(one)]))]),
  );

const newsOf = ({ sums, distributions }: Pick<Series, "sums" | "distributions">) => {
  const grown: [SumName, number][] = [];
  for (const [name, sum] of sums) {
    if (sum.sum === undefined) continue;
    grown.push([name, sum.sum]);
    sum.sum = undefined;
  }
  const noted: [DistributionName, Distribution][] = [];
  for (const [name, read] of distributions) {
    const distribution = read();
    if (distribution.count > 0) noted.push([name, distribution]);
  }
  return { sums: grown, distributions: noted };
};

export const count = (sum: Sum, amount = 1): void => {
  sum.sum = (sum.sum ?? 0) + amount;
  sum.total += amount;
};
