import { percentile } from "../report/statistics.ts";
import { type BenchStage, setBenchStage } from "./bench-stage.ts";
import type { Benchmark, Row } from "./benchmark.ts";
import { rounded } from "./rounding.ts";

const SECONDS = 8;
/** Checkouts at a time: a person who is refused comes again at once. */
const BUYERS = 48;
const SETTLE_MS = 20_000;

/** Write units that the partition of one counter has a second, at scale 1. */
const UNITS = 1_000;

interface Case {
  readonly scale: number;
  readonly shards: number | "auto";
}

const CASES: readonly Case[] = [
  { scale: 1, shards: 1 },
  { scale: 0.1, shards: 1 },
  { scale: 0.1, shards: 16 },
];

interface Limits {
  readonly resources: Readonly<
    Record<string, { readonly write_units: number; readonly conflicts: number } & Record<string, number>>
  >;
  readonly operations: Readonly<Record<string, number>>;
}

const limitsOf = async (stage: BenchStage): Promise<Limits> =>
  ((await (await fetch(`${stage.shop.url}/stats`)).json()) as { dynamodb_limits: Limits }).dynamodb_limits;

interface StockLevel {
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
}

const stockOf = async (stage: BenchStage): Promise<StockLevel> =>
  (await (await fetch(`${stage.shop.url}/products/1/stock`)).json()) as StockLevel;

const PIECES = 1_000_000;

/** Sells one product as fast as it goes, under DynamoDB's limits. */
const sell = async ({ scale, shards }: Case): Promise<Row> => {
  const stage = await setBenchStage(1, {
    DYNAMODB_LIMITS: "aws",
    DYNAMODB_SCALE: String(scale),
    PAYMENT_LATENCY_MS: "5",
  });
  try {
    const level = { available: PIECES, ...(shards !== "auto" && { shards }) };
    await stage.client.put("/products/1/stock", level);
    const before = await limitsOf(stage);
    const answers = new Map<number, number>();
    const times: number[] = [];
    let next = 0;
    const endsAt = performance.now() + SECONDS * 1_000;
    const buy = async (): Promise<void> => {
      while (performance.now() < endsAt) {
        const cart = `/cart/buyer-${next++}`;
        const { status: added } = await stage.client.post(`${cart}/items`, { product_id: 1, quantity: 1 });
        if (added !== 200) continue;
        for (let isDone = false; !isDone && performance.now() < endsAt; ) {
          const startedAt = performance.now();
          const { status } = await stage.client.post(`${cart}/checkout`);
          answers.set(status, (answers.get(status) ?? 0) + 1);
          if (status === 201) times.push(performance.now() - startedAt);
          isDone = status < 500;
        }
      }
    };
    await Promise.all(Array.from({ length: BUYERS }, buy));
    const after = await limitsOf(stage);
    const placed = (answers.get(201) ?? 0) + (answers.get(202) ?? 0);
    let stock = await stockOf(stage);
    for (const giveUpAt = Date.now() + SETTLE_MS; stock.reserved > 0 && Date.now() < giveUpAt; ) {
      await Bun.sleep(250);
      stock = await stockOf(stage);
    }
    const grown = (name: string) =>
      (after.resources["stampede-stock"]?.[name] ?? 0) - (before.resources["stampede-stock"]?.[name] ?? 0);
    const transactions =
      (after.operations.TransactWriteItems ?? 0) - (before.operations.TransactWriteItems ?? 0);
    return {
      scale,
      shards,
      "orders/s": rounded(placed / SECONDS, 1),
      "p50 ms": rounded(percentile(times, 0.5), 0),
      "p99 ms": rounded(percentile(times, 0.99), 0),
      503: answers.get(503) ?? 0,
      other: [...answers].filter(([status]) => status > 202 && status !== 503).join(" "),
      "conflicts %": rounded((100 * grown("conflicts")) / transactions, 1),
      throttled: grown("throttled_writes"),
      "units/s of one partition": `${rounded(grown("write_units") / SECONDS, 0)} of ${UNITS * scale}`,
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
