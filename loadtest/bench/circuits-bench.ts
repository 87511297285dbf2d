import { median, percentile } from "../report/statistics.ts";
import { setBenchStage } from "./bench-stage.ts";
import type { Benchmark, Row } from "./benchmark.ts";
import { openLoad } from "./open-load.ts";
import { type Dependency, hung, type Outage, untilState } from "./outage-bench.ts";
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

const injected = (dependency: Dependency, kind: "error" | "hang", what: string): Outage => ({
  what,
  dependency,
  down: (stage) =>
    stage.client.post(`/resilience/simulate/${dependency}`, { enable: true, kind, ttl_secs: 60 }),
  up: (stage) => stage.client.post(`/resilience/simulate/${dependency}`, { enable: false }),
});

const TROUBLES: readonly Outage[] = [
  injected("dynamodb", "error", "DynamoDB fails"),
  hung("dynamodb", "DynamoDB hangs"),
  injected("payment", "error", "payment fails"),
  injected("payment", "hang", "payment hangs"),
  hung("redis", "Redis hangs"),
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

const measure = async ({ what, dependency, down, up }: Outage): Promise<Row> => {
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
      await down(stage);
      opened.push(await untilState(stage, dependency, "open"));
      await Bun.sleep(Math.max(0, DOWN_MS - (performance.now() - downAt)));
      const upAt = performance.now();
      await up(stage);
      closed.push(await untilState(stage, dependency, "closed"));
      await Bun.sleep(Math.max(0, UP_MS + SHIFT_MS * outage - (performance.now() - upAt)));
    }
    await load;
    return {
      trouble: what,
      "opens after ms, p50": rounded(median(opened)),
      "p95 (opens)": rounded(percentile(opened, 0.95)),
      "closes after ms, p50": rounded(median(closed)),
      "p95 (closes)": rounded(percentile(closed, 0.95)),
    };
  } finally {
    await stage.close();
  }
};
