import { percentile } from "../report/statistics.ts";
import { clientOf } from "../system/client.ts";
import { startShop } from "../system/shop-process.ts";
import type { Benchmark } from "./run.ts";
import { rounded, timed } from "./statistics.ts";

const PRODUCTS = 100_000;
const ROUNDS = 100;

/** From the queries that match one product to those that match them all. */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  "two words": ["oak lamp", "folding chair", "wool scarf", "steel kettle", "bamboo tray"],
  "one word": ["lantern", "hammock", "ukulele", "notebook", "planter"],
  "a brand": ["northwind", "kestrel", "halden", "juniper", "sola"],
  "a beginning": ["lan", "ham", "uk", "note", "pla"],
  "one letter": ["a", "o", "s", "b", "r"],
  "no match": ["xylophone", "qqq", "zzzz", "blimp", "quasar"],
  "matches everything": ["range", "from our", "in by", "ran", "fro"],
};

/** Search over the whole catalogue, as a client sees it, against reading one product. */
export const benchmark: Benchmark = async () => {
  const shop = await startShop({
    DATA_DIR: process.env.BENCH_DATA_DIR ?? ".data/bench/catalogue",
    CATALOG_SIZE: String(PRODUCTS),
    LOG_LEVEL: "WARN",
  });
  const client = clientOf(shop.url);
  try {
    while ((await client.get("/products/search?q=warm")).status !== 200) await Bun.sleep(200);
    const measure = async (kind: string, paths: readonly string[]) => {
      const samples: number[] = [];
      for (let i = 0; i < ROUNDS; i++)
        samples.push(await timed(() => client.get(paths[i % paths.length] ?? "/")));
      return { kind, samples };
    };
    const measured = [await measure("baseline: read one product", ["/products/1", "/products/50000"])];
    for (const [kind, words] of Object.entries(QUERIES)) {
      const paths = words.map((query) => `/products/search?q=${encodeURIComponent(query)}`);
      measured.push(await measure(kind, paths));
    }
    const searches = measured.slice(1).flatMap(({ samples }) => samples);
    measured.push({ kind: "all searches", samples: searches });
    const baseline = percentile(measured[0]?.samples ?? [], 0.5);
    const rows = measured.map(({ kind, samples }) => ({
      kind,
      "p50 ms": rounded(percentile(samples, 0.5)),
      "p95 ms": rounded(percentile(samples, 0.95)),
      "p99 ms": rounded(percentile(samples, 0.99)),
      "p50 to baseline": rounded(percentile(samples, 0.5) / baseline, 1),
    }));
    return { search: rows };
  } finally {
    shop.kill("SIGTERM");
    await shop.exited;
  }
};
