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

/** What is gathered between two publications for one fixed set of dimensions. */
interface Series {
  readonly metrics: Metrics;
  readonly sums: Map<MetricName, number>;
  readonly distributions: Map<MetricName, Reservoir>;
}

export type MetricRecorder = ReturnType<typeof openRecorder>;

/**
 * Gathers values in memory and publishes them as EMF lines when {@link MetricRecorder.publish} is called
 * (a timer, and once more at shutdown). One Powertools instance serves one dimension set for the process's
 * life: requests overlap here, and dimensions set per request on a shared instance would mix.
 */
export const openRecorder = (namespace: string = METRIC_NAMESPACE) => {
  const series = new Map<string, Series>();
  const collectors: (() => void)[] = [];
  const totals = new Map<SumName, Map<string, number>>();

  const seriesOf = (name: MetricName, value: string | undefined): Series => {
    const { dimension }: MetricDeclaration = METRICS[name];
    const key = dimension && value ? `${dimension}=${value}` : "";
    const known = series.get(key);
    if (known) return known;
    const created: Series = {
      metrics: new Metrics({
        namespace,
        serviceName: METRIC_SERVICE,
        ...(dimension && value && { defaultDimensions: { [dimension]: value } }),
      }),
      sums: new Map(),
      distributions: new Map(),
    };
    series.set(key, created);
    return created;
  };

  return {
    /** Adds to a sum metric. */
    add<Name extends SumName>(name: Name, amount: number, ...[value]: DimensionValue<Name>): void {
      const { sums } = seriesOf(name, value);
      sums.set(name, (sums.get(name) ?? 0) + amount);
      let total = totals.get(name);
      if (!total) totals.set(name, (total = new Map()));
      total.set(value ?? "", (total.get(value ?? "") ?? 0) + amount);
    },

    /** Notes one value of a distribution metric. */
    observe<Name extends DistributionName>(
      name: Name,
      amount: number,
      ...[value]: DimensionValue<Name>
    ): void {
      const { distributions } = seriesOf(name, value);
      let reservoir = distributions.get(name);
      if (!reservoir) distributions.set(name, (reservoir = new Reservoir(SAMPLE_SIZE)));
      reservoir.add(Math.round(amount * 1000) / 1000);
    },

    /** A sum since the process started, over all values of its dimension or those the filter takes. */
    total(name: SumName, takes: (value: string) => boolean = () => true): number {
      let sum = 0;
      for (const [value, amount] of totals.get(name) ?? []) if (takes(value)) sum += amount;
      return sum;
    },

    /** Has something called before each publication, to record what it counts by itself. */
    onPublish(collect: () => void): void {
      collectors.push(collect);
    },

    /** Writes one EMF line for every dimension set that has news, and starts the next interval. */
    publish(): void {
      for (const collect of collectors) collect();
      for (const { metrics, sums, distributions } of series.values()) {
        for (const [name, sum] of sums) metrics.addMetric(name, MetricUnit[unitOf(name)], sum);
        for (const [name, reservoir] of distributions) {
          for (const sample of reservoir.values()) metrics.addMetric(name, MetricUnit[unitOf(name)], sample);
        }
        sums.clear();
        distributions.clear();
        if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
      }
    },
  };
};

const unitOf = (name: MetricName): "Count" | "Milliseconds" | "Bytes" | "NoUnit" => {
  const { unit } = METRICS[name];
  return unit === "None" ? "NoUnit" : unit;
};
