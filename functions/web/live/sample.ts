import { SERVICES, type Service } from "../../../core/resilience/services.ts";
import { type Distribution, quantileOf } from "../../../core/telemetry/histogram.ts";
import type { CircuitReading, Reading } from "./reading.ts";

/** Median, 95th and 99th percentile. */
type Quantiles = readonly [p50: number, p95: number, p99: number];

/** `starting`: it takes no requests yet. `frozen`: it takes them, and answers none. */
export type ProgramState = "up" | "down" | "frozen" | "starting";

/** The first is the launcher's own, or the only one. */
export type ServerName = "first" | "second";

/** A server process, with what it saw; a reading is missing where the process gives none. */
export interface Server {
  readonly name: ServerName;
  readonly state: ProgramState;
  readonly reading?: Reading | undefined;
}

/** One second of the shop, as the console shows it: all server processes together, and each by itself. */
export interface Sample extends Pick<Reading, "at" | "cacheMode" | "circuits" | "faults"> {
  /** Seconds that it took. */
  readonly seconds: number;
  /** Growth of the sum metrics by `Name` or `Name|dimension`; what did not grow is left out. */
  readonly sums: Readonly<Record<string, number>>;
  /** Of the distribution metrics, by the same names; `Name` alone is over all values of the dimension. */
  readonly quantiles: Readonly<Record<string, Quantiles>>;
  /** Processors' worth of time. */
  readonly cpu: number;
  readonly memoryMb: number;
  readonly inFlight: number;
  readonly processes: readonly ProcessSample[];
}

/** One process's part; without figures where it gives none. */
export interface ProcessSample {
  readonly name: ServerName;
  readonly state: ProgramState;
  readonly figures?: {
    readonly cpu: number;
    readonly memoryMb: number;
    readonly inFlight: number;
    readonly requestsPerSecond: number;
    /** Milliseconds; null without requests. */
    readonly p99: number | null;
    /** Estimated size of its product cache. */
    readonly cacheMb: number;
    readonly cacheMode: string;
    /** Dependencies that are broken on purpose in it. */
    readonly broken: readonly Service[];
  };
}

const MEGABYTE = 1024 * 1024;

/**
 * Adds up the servers' readings. Percentiles come from the merged histograms, since those of several processes
 * cannot be averaged.
 *
 * @throws Error where no server has a reading
 */
export const sampleOf = (servers: readonly Server[]): Sample => {
  const readings = servers.flatMap(({ reading }) => reading ?? []);
  const [leading] = readings;
  if (!leading) throw new Error("No server has a reading");
  const total = (of: (reading: Reading) => number): number =>
    readings.reduce((sum, reading) => sum + of(reading), 0);
  return {
    at: leading.at,
    seconds: rounded(leading.seconds),
    sums: sumsOf(readings),
    quantiles: quantilesOf(readings),
    cpu: rounded(total(({ cpu }) => cpu)),
    memoryMb: total(({ memoryMb }) => memoryMb),
    inFlight: total(({ inFlight }) => inFlight),
    cacheMode: leading.cacheMode,
    circuits: Object.fromEntries(
      SERVICES.map((service) => [service, circuitOf(readings.map(({ circuits }) => circuits[service]))]),
    ) as Sample["circuits"],
    faults: Object.assign({}, ...readings.map(({ faults }) => faults).reverse()),
    processes: servers.map(processOf).toSorted((one, other) => (one.name < other.name ? -1 : 1)),
  };
};

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

const keyOf = (name: string, value: string): string => (value ? `${name}|${value}` : name);

const sumsOf = (readings: readonly Reading[]): Record<string, number> => {
  const all: Record<string, number> = {};
  for (const { sums } of readings) {
    for (const name in sums) {
      for (const value in sums[name]) {
        const key = keyOf(name, value);
        all[key] = rounded((all[key] ?? 0) + (sums[name][value] ?? 0));
      }
    }
  }
  return all;
};

const quantilesOf = (readings: readonly Reading[]): Record<string, Quantiles> => {
  const parts: Record<string, Distribution[]> = {};
  const put = (key: string, one: Distribution): void => void (parts[key] ??= []).push(one);
  for (const { distributions } of readings) {
    for (const name in distributions) {
      for (const [value, one] of Object.entries(distributions[name] ?? {})) {
        put(name, one);
        if (value) put(keyOf(name, value), one);
      }
    }
  }
  return Object.fromEntries(Object.entries(parts).map(([key, some]) => [key, quantilesIn(some)]));
};

const quantilesIn = (distributions: readonly Distribution[]): Quantiles => {
  const [p50 = 0, p95 = 0, p99 = 0] = [0.5, 0.95, 0.99].map((share) => quantileOf(distributions, share));
  return [rounded(p50), rounded(p95), rounded(p99)];
};

const GRAVEST = ["open", "half_open", "closed"];

/** Calls of all processes; state and error of the one whose circuit is in the gravest state. */
const circuitOf = (circuits: readonly CircuitReading[]): CircuitReading => {
  const [gravest] = circuits.toSorted(
    (one, other) => GRAVEST.indexOf(one.state) - GRAVEST.indexOf(other.state),
  );
  const total = (key: "calls" | "failures" | "rejected"): number =>
    circuits.reduce((sum, circuit) => sum + circuit[key], 0);
  return {
    state: gravest?.state ?? "closed",
    lastError: gravest?.lastError ?? circuits.find(({ lastError }) => lastError)?.lastError ?? null,
    calls: total("calls"),
    failures: total("failures"),
    rejected: total("rejected"),
  };
};

const processOf = ({ name, state, reading }: Server): ProcessSample => {
  if (!reading) return { name, state };
  const { sums, distributions, seconds, faults } = reading;
  const requests = Object.values(sums.Requests ?? {}).reduce((sum, growth) => sum + growth, 0);
  const p99 = quantileOf(Object.values(distributions.Latency ?? {}), 0.99);
  return {
    name,
    state,
    figures: {
      cpu: rounded(reading.cpu),
      memoryMb: reading.memoryMb,
      inFlight: reading.inFlight,
      requestsPerSecond: rounded(requests / seconds),
      p99: p99 === undefined ? null : rounded(p99),
      cacheMb: rounded((distributions.CacheBytes?.[""]?.values.at(-1) ?? 0) / MEGABYTE),
      cacheMode: reading.cacheMode,
      broken: SERVICES.filter((service) => faults[service]),
    },
  };
};
