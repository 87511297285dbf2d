import type { Fault } from "../../../core/resilience/faults.ts";
import { SERVICES, type Service } from "../../../core/resilience/services.ts";
import type { Shop } from "../../../core/shop.ts";
import { type Distribution, quantileOf } from "../../../core/telemetry/histogram.ts";

/** Median, 95th and 99th percentile. */
type Quantiles = readonly [p50: number, p95: number, p99: number];

/** One second of the shop, as the console shows it. */
export interface Sample {
  /** Epoch milliseconds at its end. */
  readonly at: number;
  /** Seconds that it took. */
  readonly seconds: number;
  /** Growth of the sum metrics by `Name` or `Name|dimension`; what did not grow is left out. */
  readonly sums: Readonly<Record<string, number>>;
  /** Of the distribution metrics, by the same names; `Name` alone is over all values of the dimension. */
  readonly quantiles: Readonly<Record<string, Quantiles>>;
  /** Processors' worth of time that the process took, from 0. */
  readonly cpu: number;
  readonly memoryMb: number;
  readonly inFlight: number;
  readonly cacheMode: string;
  readonly circuits: Readonly<Record<Service, CircuitSample>>;
  readonly faults: Partial<Readonly<Record<Service, Fault>>>;
}

interface CircuitSample {
  readonly state: string;
  readonly lastError: string | null;
  /** Calls in this second: let through, of those failed, and refused. */
  readonly calls: number;
  readonly failures: number;
  readonly rejected: number;
}

const MEGABYTE = 1024 * 1024;

/** @param inFlight requests that are not answered yet */
export const openSampler = (shop: Shop, inFlight: () => number): (() => Sample) => {
  const read = shop.metrics.openReader();
  let cpu = process.cpuUsage();
  let lastAt = performance.now();
  const totals = new Map<string, number>();
  const growthOf = (name: string, total: number): number => {
    const growth = total - (totals.get(name) ?? total);
    totals.set(name, total);
    return growth;
  };
  const circuitOf = (service: Service): CircuitSample => {
    const stats = shop.resilience.circuits[service].stats();
    return {
      state: stats.state,
      lastError: stats.last_error,
      calls: growthOf(`${service} calls`, stats.total_requests),
      failures: growthOf(`${service} failures`, stats.total_failures),
      rejected: growthOf(`${service} rejected`, stats.total_rejected),
    };
  };

  return () => {
    const at = performance.now();
    const seconds = (at - lastAt) / 1_000;
    lastAt = at;
    const used = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    const { sums, distributions } = read();
    return {
      at: shop.now(),
      seconds: rounded(seconds),
      sums: flat(sums, (growth) => (growth === 0 ? undefined : rounded(growth))),
      quantiles: {
        ...flat(distributions, (one) => quantilesOf([one])),
        ...Object.fromEntries(
          [...distributions].flatMap(([name, byValue]) => {
            const all = quantilesOf([...byValue.values()]);
            return all ? [[name, all]] : [];
          }),
        ),
      },
      cpu: rounded((used.user + used.system) / 1e6 / seconds),
      memoryMb: Math.round(process.memoryUsage.rss() / MEGABYTE),
      inFlight: inFlight(),
      cacheMode: shop.products.cache.mode(),
      circuits: Object.fromEntries(
        SERVICES.map((service) => [service, circuitOf(service)]),
      ) as Sample["circuits"],
      faults: shop.resilience.faults.all(),
    };
  };
};

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

const flat = <From, To>(
  maps: ReadonlyMap<string, ReadonlyMap<string, From>>,
  of: (from: From) => To | undefined,
): Record<string, To> => {
  const all: Record<string, To> = {};
  for (const [name, byValue] of maps) {
    for (const [value, one] of byValue) {
      const made = of(one);
      if (made !== undefined) all[value ? `${name}|${value}` : name] = made;
    }
  }
  return all;
};

/** Of several distributions together. */
const quantilesOf = (distributions: readonly Distribution[]): Quantiles | undefined => {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantileOf(distributions, share));
  return p50 === undefined ? undefined : [rounded(p50), rounded(p95 ?? p50), rounded(p99 ?? p50)];
};
