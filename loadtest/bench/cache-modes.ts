import type { clientOf } from "../harness/shop-client.ts";
import { median } from "../report/statistics.ts";
import type { Row } from "./benchmark.ts";
import { rounded, spread } from "./rounding.ts";
import { type LoadResult, readByZipf } from "./wrk.ts";

/** Zipf's exponent; measured popularity on the web lies between 0.6 and 1.0. */
export const EXPONENT = 1;
const CONNECTIONS = 64;
const ROUNDS = 3;
/** The catalogue once through, as in a process that runs for long, then the load itself; neither counts. */
const FILL_SECONDS = 8;
const WARM_UP_SECONDS = 4;
const MEASURED_SECONDS = 5;
const MODES = ["off", "redis", "tiered"] as const;

type Mode = (typeof MODES)[number];

interface Sample extends LoadResult {
  readonly mode: Mode;
  /** Shares of the reads. */
  readonly fromMemory: number;
  readonly fromDatabase: number;
}

/**
 * `GET /products/{id}` under a Zipf load in each of the cache's modes. The modes take turns, so that what
 * else goes on on the machine meets all of them.
 */
export const measureModes = async (url: string, client: ReturnType<typeof clientOf>, products: number) => {
  const samples: Sample[] = [];
  const load = { url, connections: CONNECTIONS, products, exponent: EXPONENT };
  for (let round = 0; round < ROUNDS; round++) {
    for (const mode of [...MODES.slice(round % MODES.length), ...MODES.slice(0, round % MODES.length)]) {
      await client.put("/cache", { mode });
      await readByZipf({ ...load, seconds: FILL_SECONDS, exponent: 0, seed: 1 });
      await readByZipf({ ...load, seconds: WARM_UP_SECONDS, seed: 2 * round + 1 });
      const before = await countsOf(client);
      const result = await readByZipf({ ...load, seconds: MEASURED_SECONDS, seed: 2 * round + 2 });
      const after = await countsOf(client);
      if (result.failed > 0) throw new Error(`${result.failed} requests failed in mode ${mode}`);
      samples.push({
        ...result,
        mode,
        fromMemory: (after.hits - before.hits) / result.requests,
        fromDatabase: (after.loads - before.loads) / result.requests,
      });
    }
  }
  const baseline = summaryOf(samples, "off");
  return MODES.map((mode) => rowOf(mode, samples, baseline));
};

const countsOf = async (client: ReturnType<typeof clientOf>): Promise<{ hits: number; loads: number }> => {
  const { body } = await client.get("/cache");
  return { hits: body.l1.hits, loads: body.loads };
};

const summaryOf = (samples: readonly Sample[], mode: Mode) => {
  const own = samples.filter((sample) => sample.mode === mode);
  const valuesOf = (value: (sample: Sample) => number) => own.map(value);
  return {
    rates: valuesOf(({ requests, seconds }) => requests / seconds),
    p50: median(valuesOf(({ p50 }) => p50)),
    p95: median(valuesOf(({ p95 }) => p95)),
    p99: median(valuesOf(({ p99 }) => p99)),
    fromMemory: median(valuesOf(({ fromMemory }) => fromMemory)),
    fromDatabase: median(valuesOf(({ fromDatabase }) => fromDatabase)),
  };
};

const rowOf = (mode: Mode, samples: readonly Sample[], off: ReturnType<typeof summaryOf>): Row => {
  const { rates, p50, p95, p99, fromMemory, fromDatabase } = summaryOf(samples, mode);
  return {
    mode: mode === "off" ? "baseline: off" : mode,
    "requests/s": Math.round(median(rates)),
    "min–max": spread(rates),
    "p50 ms": rounded(p50),
    "p95 ms": rounded(p95),
    "p99 ms": rounded(p99),
    "throughput to off": rounded(median(rates) / median(off.rates), 1),
    "off's p95 to this": rounded(off.p95 / p95, 1),
    "from memory %": rounded(100 * fromMemory, 1),
    "DynamoDB keys per read %": rounded(100 * fromDatabase, 1),
  };
};
