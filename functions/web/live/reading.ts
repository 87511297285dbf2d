import type { Fault } from "../../../core/resilience/faults.ts";
import { SERVICES, type Service } from "../../../core/resilience/services.ts";
import type { Shop } from "../../../core/shop.ts";
import type { Distribution } from "../../../core/telemetry/histogram.ts";

/** By metric, then by the value of its dimension; the empty text where there is none. */
type ByMetric<T> = Readonly<Record<string, Readonly<Record<string, T>>>>;

/** Observations of one process since its last reading: plain data, so that it can pass between processes. */
export interface Reading {
  /** Epoch milliseconds at its end. */
  readonly at: number;
  /** Seconds that it took. */
  readonly seconds: number;
  /** Growth of the sum metrics; what did not grow is left out. */
  readonly sums: ByMetric<number>;
  readonly distributions: ByMetric<Distribution>;
  /** Processors' worth of time that the process took, from 0. */
  readonly cpu: number;
  readonly memoryMb: number;
  readonly inFlight: number;
  readonly cacheMode: string;
  readonly circuits: Readonly<Record<Service, CircuitReading>>;
  readonly faults: Partial<Readonly<Record<Service, Fault>>>;
}

export interface CircuitReading {
  readonly state: string;
  readonly lastError: string | null;
  /** Calls since the last reading: let through, of those failed, and refused. */
  readonly calls: number;
  readonly failures: number;
  readonly rejected: number;
}

const MEGABYTE = 1024 * 1024;

/** @param inFlight requests that are not answered yet */
export const openReader = (shop: Shop, inFlight: () => number): (() => Reading) => {
  const read = shop.metrics.openReader();
  let cpu = process.cpuUsage();
  let lastAt = performance.now();
  const totals = new Map<string, number>();
  const growthOf = (name: string, total: number): number => {
    const growth = total - (totals.get(name) ?? total);
    totals.set(name, total);
    return growth;
  };
  const circuitOf = (service: Service): CircuitReading => {
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
      seconds,
      sums: where(sums, (growth) => growth !== 0),
      distributions: where(distributions, ({ count }) => count > 0),
      cpu: (used.user + used.system) / 1e6 / seconds,
      memoryMb: Math.round(process.memoryUsage.rss() / MEGABYTE),
      inFlight: inFlight(),
      cacheMode: shop.products.cache.mode(),
      circuits: Object.fromEntries(
        SERVICES.map((service) => [service, circuitOf(service)]),
      ) as Reading["circuits"],
      faults: shop.resilience.faults.all(),
    };
  };
};

const where = <T>(
  maps: ReadonlyMap<string, ReadonlyMap<string, T>>,
  takes: (one: T) => boolean,
): Record<string, Record<string, T>> => {
  const all: Record<string, Record<string, T>> = {};
  for (const [name, byValue] of maps) {
    for (const [value, one] of byValue) if (takes(one)) (all[name] ??= {})[value] = one;
  }
  return all;
};
