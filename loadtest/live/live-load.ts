/**
 * The console's own load, as a program beside the shop:
 *
 *     echo '{"url": …, "readsPerSecond": 300, "shoppers": 5, "seconds": 30, …}' | bun live-load.ts
 *
 * Readers come at a rate of their own, whether or not earlier answers are there; shoppers write down what they see. When the
 * time is over, the checker holds that against what is stored, and the verdict is the last line on standard output.
 */

import { leanClient } from "../bench/lean-client.ts";
import { seeded } from "../harness/random.ts";
import { openRecordingClient } from "../verify/chaos/recording-client.ts";
import { shop as goShopping } from "../verify/chaos/shopper.ts";
import type { HistoryEvent } from "../verify/checker/history.ts";
import { judgeRun } from "./judge-run.ts";

interface LiveLoad {
  readonly url: string;
  /** Headers of an administrator, allowed to act for every shopper; empty for an open shop. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly dynamodb: string;
  readonly prefix: string;
  readonly products: number;
  readonly readsPerSecond: number;
  readonly shoppers: number;
  readonly seconds: number;
  readonly spike: boolean;
  readonly hotShare: number;
  readonly saleStock?: number;
}

const TICK_MS = 5;
const CONNECTIONS = 200;
const SPIKE = 4;
const WORDS = ["oak", "desk lamp", "wool scarf", "tent", "backpack", "steel kettle"];
const ONE_SEARCH_IN = 20;
/** On sale, and the one that hot reads go to. */
const HOT_PRODUCT = 1;

const load: LiveLoad = await Bun.stdin.json();
const run = Date.now().toString(36);
const random = seeded(Date.now());
const closing = new AbortController();
// Every time: a signal without a listener would end the judge.
process.on("SIGTERM", () => closing.abort());
setTimeout(() => closing.abort(), load.seconds * 1_000);

const readers = async (): Promise<void> => {
  if (load.readsPerSecond === 0) return;
  const client = leanClient(load.url, CONNECTIONS);
  const path = (): string => {
    if (random() < 1 / ONE_SEARCH_IN) {
      return `/products/search?q=${encodeURIComponent(WORDS[Math.floor(random() * WORDS.length)] ?? "")}`;
    }
    const product = random() < load.hotShare ? HOT_PRODUCT : 1 + Math.floor(random() * load.products);
    return `/products/${product}`;
  };
  const startedAt = performance.now();
  let due = 0;
  while (!closing.signal.aborted) {
    const now = performance.now() - startedAt;
    const third = Math.floor((3 * now) / (load.seconds * 1_000));
    const rate = load.readsPerSecond * (load.spike && third === 1 ? SPIKE : 1);
    while (due <= now) {
      void client.send({ method: "GET", path: path() });
      due += (-Math.log(1 - random()) / rate) * 1_000; // Poisson arrivals: exponential gaps.
    }
    await Bun.sleep(TICK_MS);
  }
  client.close();
};

const history: HistoryEvent[] = [];
const client = openRecordingClient({
  url: async () => load.url,
  headers: load.credentials,
  record: (event) => history.push(event),
});
const products = load.saleStock
  ? [HOT_PRODUCT]
  : [HOT_PRODUCT, 2, 3, 4, 5].filter((id) => id <= load.products);
if (load.saleStock) {
  await client.perform({ f: "set-stock", product: HOT_PRODUCT, available: load.saleStock });
}
const until = Date.now() + load.seconds * 1_000 + 5_000;
await Promise.all([
  readers(),
  ...Array.from({ length: load.shoppers }, (_, i) =>
    goShopping({
      name: `live-${run}-${i}`,
      client,
      random: seeded(i + 1),
      products,
      closing: closing.signal,
      giveUpAt: () => until,
    }),
  ),
]);
console.log(JSON.stringify(await judgeRun(history, `live-${run}-`, load)));
process.exit(0);
