import { percentile } from "../report/statistics.ts";
import { type BenchStage, setBenchStage } from "./bench-stage.ts";
import type { Benchmark, Row } from "./benchmark.ts";
import { openLoad } from "./open-load.ts";
import { type Dependency, untilState } from "./outage-bench.ts";
import { rounded } from "./rounding.ts";

const PRODUCTS = 200;
const PER_SECOND = 50;
/** Requests that reach the dependency. Redis is asked without them as well: its heartbeat is. */
const MIXES = {
  dynamodb: { cart: 80, checkout: 20 },
  redis: { browse: 80, cart: 20 },
  payment: { checkout: 100 },
} as const;
const OUTAGES = Number(process.env.OUTAGES ?? 20);
const WARM_MS = 3_000;
const DOWN_MS = 2_000;
const UP_MS = 2_000;
/** No two outages meet the probes at the same point of their rhythm. */
const SHIFT_MS = 37;

interface Trouble {
  readonly what: string;
  readonly dependency: Dependency;
  readonly begin: (stage: BenchStage) => Promise<unknown>;
  readonly end: (stage: BenchStage) => Promise<unknown>;
}

const injected = (dependency: Dependency, kind: "error" | "hang", what: string): Trouble => ({
  what,
  dependency,
  begin: (stage) =>
    stage.client.post(`/resilience/simulate/${dependency}`, { enable: true, kind, ttl_secs: 60 }),
  end: (stage) => stage.client.post(`/resilience/simulate/${dependency}`, { enable: false }),
});

/** A process that is stopped answers nothing and keeps its connections. */
const stopped = (dependency: "dynamodb" | "redis", what: string): Trouble => {
  const signal = async (stage: BenchStage, name: NodeJS.Signals) =>
    stage[dependency === "redis" ? "redis" : "engine"].signal(name);
  return {
    what,
    dependency,
    begin: (stage) => signal(stage, "SIGSTOP"),
    end: (stage) => signal(stage, "SIGCONT"),
  };
};

const TROUBLES: readonly Trouble[] = [
  injected("dynamodb", "error", "DynamoDB fails"),
  stopped("dynamodb", "DynamoDB hangs"),
  injected("payment", "error", "payment fails"),
  injected("payment", "hang", "payment hangs"),
  stopped("redis", "Redis hangs"),
];

/**
 * Has each dependency fail for two seconds, many times, under a light load: how long its circuit takes to open after
 * the loss, and to close after the return.
 */
export const benchmark: Benchmark = async () => {
  const rows: Row[] = [];
  for (const trouble of TROUBLES) rows.push(await measure(trouble));
  return { [`circuits, ${OUTAGES} outages of ${DOWN_MS / 1_000} s each, ${PER_SECOND} requests/s`]: rows };
};

const measure = async ({ what, dependency, begin, end }: Trouble): Promise<Row> => {
  const stage = await setBenchStage(PRODUCTS, { FAULTS: "on" });
  try {
    const seconds = Math.ceil((WARM_MS + OUTAGES * (DOWN_MS + UP_MS + (SHIFT_MS * OUTAGES) / 2)) / 1_000);
    const mix = MIXES[dependency];
    const buyers = Math.ceil(seconds * PER_SECOND * 1.2 * ("checkout" in mix ? mix.checkout / 100 : 0));
    await stage.fillCarts("buyer-1", buyers);
    const load = openLoad({
      url: stage.shop.url,
      perSecond: PER_SECOND,
      seconds,
      seed: 1,
      mix,
      products: PRODUCTS,
      buyers,
    });
    await Bun.sleep(WARM_MS);
    const opened: number[] = [];
    const closed: number[] = [];
    for (let outage = 0; outage < OUTAGES; outage++) {
      const downAt = performance.now();
      await begin(stage);
      opened.push(await untilState(stage, dependency, "open"));
      await Bun.sleep(Math.max(0, DOWN_MS - (performance.now() - downAt)));
      const upAt = performance.now();
      await end(stage);
      closed.push(await untilState(stage, dependency, "closed"));
      await Bun.sleep(Math.max(0, UP_MS + SHIFT_MS * outage - (performance.now() - upAt)));
    }
    await load;
    return {
      trouble: what,
      "opens after ms, p50": rounded(percentile(opened, 0.5)),
      "p95 (opens)": rounded(percentile(opened, 0.95)),
      "closes after ms, p50": rounded(percentile(closed, 0.5)),
      "p95 (closes)": rounded(percentile(closed, 0.95)),
    };
  } finally {
    await stage.close();
  }
};
