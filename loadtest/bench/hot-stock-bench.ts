import { type ResourceCounts, readLimits } from "../experiments/limit-counts.ts";
import { clientOf } from "../harness/shop-client.ts";
import { percentile } from "../report/statistics.ts";
import { type BenchStage, setBenchStage } from "./bench-stage.ts";
import type { Benchmark, Row } from "./benchmark.ts";
import { rounded } from "./rounding.ts";

const SECONDS = 6;
/** Before anything counts: processes warm up, and a product that shards itself has its counters. */
const RAMP_SECONDS = { fixed: 2, auto: 10 };
/** Checkouts at a time: a person who is refused comes again at once. */
const BUYERS = 48;
const SETTLE_MS = 20_000;

/** Write units that the partition of one counter has a second, at scale 1. */
const UNITS = 1_000;
/** Units that an order writes on its counter, by itself: reserved and sold, each in a transaction. */
const UNITS_AN_ORDER = 4;

interface Case {
  readonly processes: number;
  readonly scale: number;
  readonly shards: number | "auto";
}

const CASES: readonly Case[] = [
  { processes: 1, scale: 0.1, shards: 1 },
  { processes: 1, scale: 0.1, shards: 16 },
  { processes: 2, scale: 1, shards: 1 },
  { processes: 2, scale: 1, shards: 16 },
  { processes: 2, scale: 1, shards: "auto" },
  { processes: 4, scale: 1, shards: 1 },
  { processes: 4, scale: 1, shards: "auto" },
];

interface StockLevel {
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
  readonly shards?: number;
}

const stockOf = async (stage: BenchStage): Promise<StockLevel> =>
  (await (await fetch(`${stage.shop.url}/products/1/stock`)).json()) as StockLevel;

const PIECES = 1_000_000;

/** Sells one product as fast as it goes, under DynamoDB's limits. */
const sell = async ({ processes, scale, shards }: Case): Promise<Row> => {
  const stage = await setBenchStage(
    1,
    { PAYMENT_LATENCY_MS: "5" },
    { servers: processes, limitsScale: scale },
  );
  try {
    await stage.client.put("/products/1/stock", { available: PIECES, shards });
    const clients = stage.urls.map(clientOf);
    let isCounting = false;
    let placed = 0;
    const answers = new Map<number, number>();
    const times: number[] = [];
    let next = 0;
    const countsFrom = performance.now() + 1_000 * RAMP_SECONDS[shards === "auto" ? "auto" : "fixed"];
    const endsAt = countsFrom + SECONDS * 1_000;
    const buy = async (_: unknown, buyer: number): Promise<void> => {
      const client = clients[buyer % clients.length] ?? stage.client;
      while (performance.now() < endsAt) {
        const cart = `/cart/buyer-${next++}`;
        const { status: added } = await client.post(`${cart}/items`, { product_id: 1, quantity: 1 });
        if (added !== 200) continue;
        for (let isDone = false; !isDone && performance.now() < endsAt; ) {
          const startedAt = performance.now();
          const { status } = await client.post(`${cart}/checkout`);
          isDone = status < 500;
          if (status < 300) placed += 1;
          if (!isCounting) continue;
          answers.set(status, (answers.get(status) ?? 0) + 1);
          if (status === 201) times.push(performance.now() - startedAt);
        }
      }
    };
    const buying = Promise.all(Array.from({ length: BUYERS }, buy));
    await Bun.sleep(countsFrom - performance.now());
    const before = await readLimits(stage.limits?.port ?? 0);
    isCounting = true;
    await buying;
    const after = await readLimits(stage.limits?.port ?? 0);
    let stock = await stockOf(stage);
    for (const giveUpAt = Date.now() + SETTLE_MS; stock.reserved > 0 && Date.now() < giveUpAt; ) {
      await Bun.sleep(250);
      stock = await stockOf(stage);
    }
    const grown = (name: keyof ResourceCounts) =>
      (after.resources["stampede-stock"]?.[name] ?? 0) - (before.resources["stampede-stock"]?.[name] ?? 0);
    const transactions =
      (after.operations.TransactWriteItems ?? 0) - (before.operations.TransactWriteItems ?? 0);
    const rate = ((answers.get(201) ?? 0) + (answers.get(202) ?? 0)) / SECONDS;
    return {
      processes,
      scale,
      shards: shards === "auto" ? `auto: ${stock.shards ?? 1}` : shards,
      "orders/s": rounded(rate, 1),
      "% of one counter's units": rounded((100 * rate * UNITS_AN_ORDER) / (UNITS * scale), 0),
      "p50 ms": rounded(percentile(times, 0.5), 0),
      "p99 ms": rounded(percentile(times, 0.99), 0),
      503: answers.get(503) ?? 0,
      other: [...answers].filter(([status]) => status > 202 && status !== 503).join(" "),
      "conflicts %": rounded((100 * grown("conflicts")) / transactions, 1),
      throttled: grown("throttled_writes"),
      "units/s used": rounded(grown("write_units") / SECONDS, 0),
      "pieces missing": PIECES - stock.available - stock.reserved - stock.sold,
      "sold more than placed": stock.sold + stock.reserved - placed,
    };
  } finally {
    await stage.close();
  }
};

export const benchmark: Benchmark = async () => {
  const rows: Row[] = [];
  for (const next of CASES) rows.push(await sell(next));
  return { "one hot product under DynamoDB's limits": rows };
};
