import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import {
  type DimensionValue,
  type DistributionName,
  METRIC_NAMESPACE,
  METRIC_SERVICE,
  METRICS,
  type MetricDeclaration,
  type MetricName,
  type SumName,
} from "./metrics.ts";
import { Reservoir } from "./reservoir.ts";

/** Powertools publishes by itself at the 100th value of a metric; one fewer leaves the moment to us. */
const SAMPLE_SIZE = 99;

/** Values of a second that its percentiles are estimated from. */
const READ_SIZE = 256;

/** A sum metric under one value of its dimension, held by code that adds to it often. */
export interface Sum {
  /** Since the last publication; undefined when nothing was added, not even 0. */
  sum: number | undefined;
  /** Since the process started. */
  total: number;
}

/** The values that one set of dimensions gathers between two publications. */
interface Series {
  readonly metrics: Metrics;
  readonly sums: Map<MetricName, Sum>;
  readonly distributions: Map<MetricName, Reservoir>;
}

/** Values by the value of their dimension; the empty text where there is none. */
type ByValue<T> = Map<string, T>;

/** A sample of some values, and how many there were. */
export interface Sampled {
  readonly count: number;
  readonly values: readonly number[];
}

/** Growth of the sums, and samples of the distributions, since the last reading. */
export interface Reading {
  readonly sums: ReadonlyMap<SumName, ByValue<number>>;
  readonly samples: ReadonlyMap<DistributionName, ByValue<Sampled>>;
}

export type MetricRecorder = ReturnType<typeof openRecorder>;

/**
 * Gathers values in memory and publishes them as EMF lines when {@link MetricRecorder.publish} is called
 * (a timer, and once more at shutdown). One Powertools instance serves one dimension set for the process's
 * life: requests overlap here, and dimensions set per request on a shared instance would mix.
 */
export const openRecorder = (namespace: string = METRIC_NAMESPACE) => {
  /** By dimension (or none), then by its value. */
  const series = new Map<string | undefined, Map<string | undefined, Series>>();
  const collectors: (() => void)[] = [];
  const totals = new Map<SumName, ByValue<Sum>>();
  /** Kept beside what is published, once there is a reader. */
  let read: Map<DistributionName, ByValue<Reservoir>> | undefined;

  const seriesOf = (name: MetricName, value: string | undefined): Series => {
    const { dimension }: MetricDeclaration = METRICS[name];
    const given = dimension && value ? dimension : undefined;
    let byValue = series.get(given);
    if (!byValue) series.set(given, (byValue = new Map()));
    const key = given && value;
    let found = byValue.get(key);
    if (!found) {
      const metrics = new Metrics({
        namespace,
        serviceName: METRIC_SERVICE,
        ...(given && { defaultDimensions: { [given]: value as string } }),
      });
      byValue.set(key, (found = { metrics, sums: new Map(), distributions: new Map() }));
    }
    return found;
  };

  /** The counter behind a sum metric: {@link count} on it costs no look-up. */
  const sumOf = <Name extends SumName>(name: Name, ...[value]: DimensionValue<Name>): Sum => {
    const { sums } = seriesOf(name, value);
    let sum = sums.get(name);
    if (sum) return sum;
    sums.set(name, (sum = { sum: undefined, total: 0 }));
    let byValue = totals.get(name);
    if (!byValue) totals.set(name, (byValue = new Map()));
    byValue.set(value ?? "", sum);
    return sum;
  };

  /** The sample behind a distribution metric, to be given values by {@link note}. */
  const distributionOf = <Name extends DistributionName>(
    name: Name,
    ...[value]: DimensionValue<Name>
  ): Reservoir => {
    const { distributions } = seriesOf(name, value);
    let reservoir = distributions.get(name);
    if (!reservoir) {
      distributions.set(name, (reservoir = new Reservoir(SAMPLE_SIZE)));
      readAlongside(reservoir, name, value ?? "");
    }
    return reservoir;
  };

  const readAlongside = (reservoir: Reservoir, name: DistributionName, value: string): void => {
    if (!read) return;
    reservoir.alongside = new Reservoir(READ_SIZE);
    let byValue = read.get(name);
    if (!byValue) read.set(name, (byValue = new Map()));
    byValue.set(value, reservoir.alongside);
  };

  const openReader = (): (() => Reading) => {
    read = new Map();
    for (const byValue of series.values()) {
      for (const [value, { distributions }] of byValue) {
        for (const [name, reservoir] of distributions) {
          readAlongside(reservoir, name as DistributionName, value ?? "");
        }
      }
    }
    const before = new Map<Sum, number>();
    return () => {
      for (const collect of collectors) collect();
      const growthOf = (sum: Sum): number => {
        const growth = sum.total - (before.get(sum) ?? 0);
        before.set(sum, sum.total);
        return growth;
      };
      const sampledOf = (one: Reservoir): Sampled => ({ count: one.count(), values: one.take() });
      return { sums: mapped(totals, growthOf), samples: mapped(read ?? new Map(), sampledOf) };
    };
  };

  return {
    sumOf,
    distributionOf,

    /** The one reader beside the publication. It takes nothing from what is published, and costs a value 10 ns. */
    openReader,

    /** Adds to a sum metric. */
    add<Name extends SumName>(name: Name, amount: number, ...value: DimensionValue<Name>): void {
      count(sumOf(name, ...value), amount);
    },

    /** Notes one value of a distribution metric. */
    observe<Name extends DistributionName>(name: Name, amount: number, ...value: DimensionValue<Name>): void {
      note(distributionOf(name, ...value), amount);
    },

    /** A sum since the process started, over all values of its dimension or those the filter takes. */
    total(name: SumName, takes: (value: string) => boolean = () => true): number {
      let all = 0;
      for (const [value, { total }] of totals.get(name) ?? []) if (takes(value)) all += total;
      return all;
    },

    /** Has something called before each publication, to record what it counts by itself. */
    onPublish(collect: () => void): void {
      collectors.push(collect);
    },

    /** Writes one EMF line for every dimension set that has news, and starts the next interval. */
    publish(): void {
      for (const collect of collectors) collect();
      for (const byValue of series.values()) for (const one of byValue.values()) publishSeries(one);
    },
  };
};

const mapped = <K, From, To>(
  maps: ReadonlyMap<K, ByValue<From>>,
  of: (from: From) => To,
): Map<K, ByValue<To>> =>
  new Map(
    [...maps].map(([name, byValue]) => [name, new Map([...byValue].map(([value, one]) => [value, of(one)]))]),
  );

const publishSeries = ({ metrics, sums, distributions }: Series): void => {
  for (const [name, sum] of sums) {
    if (sum.sum === undefined) continue;
    metrics.addMetric(name, MetricUnit[unitOf(name)], sum.sum);
    sum.sum = undefined;
  }
  for (const [name, reservoir] of distributions) {
    for (const sample of reservoir.take()) metrics.addMetric(name, MetricUnit[unitOf(name)], sample);
  }
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
};

export const count = (sum: Sum, amount = 1): void => {
  sum.sum = (sum.sum ?? 0) + amount;
  sum.total += amount;
};

/** Values are kept to a thousandth of their unit. */
export const note = (reservoir: Reservoir, value: number): void => {
  reservoir.add(Math.round(value * 1000) / 1000);
};

const unitOf = (name: MetricName): "Count" | "Milliseconds" | "Bytes" | "NoUnit" => {
  const { unit } = METRICS[name];
  return unit === "None" ? "NoUnit" : unit;
};
