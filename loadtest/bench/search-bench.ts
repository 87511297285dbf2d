import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processorSeconds } from "../harness/process-figures.ts";
import { clientOf } from "../harness/shop-client.ts";
import { type ShopProcess, startShop } from "../harness/shop-process.ts";
import { percentile } from "../report/statistics.ts";
import type { Benchmark, Row } from "./benchmark.ts";
import { rounded, timed } from "./rounding.ts";
import { play, writeRequests } from "./speed/play.ts";
import { get } from "./speed/requests.ts";

const PRODUCTS = Number(process.env.CATALOG_SIZE || 100_000);
const TIMES = 100;
const CLIENTS = 16;
const SECONDS = 5;
const AT_ONCE = 200;
const FIRST_START_TIMEOUT_MS = 1_800_000;

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

const TRAITS = ["classic", "compact", "folding", "heavy-duty", "lightweight", "modern", "portable", "quiet"];
const MATERIALS = ["oak", "steel", "linen", "wool", "ceramic", "leather", "bamboo", "cotton", "glass"];
const THINGS = [
  "desk lamp",
  "lantern",
  "kettle",
  "teapot",
  "shirt",
  "scarf",
  "boot",
  "tent",
  "puzzle",
  "rake",
];
const BRANDS = ["northwind", "kestrel", "ostrava", "lumen", "pelican", "fjord", "sola", "umber", "halden"];

/** Queries of one to four words, none twice, in an order that mixes broad and narrow ones. */
const differentQueries = (): string[] => {
  const queries = THINGS.flatMap((thing) =>
    MATERIALS.flatMap((material) =>
      BRANDS.flatMap((brand) => [
        `${material} ${thing} ${brand}`,
        ...TRAITS.map((trait) => `${trait} ${material} ${thing} ${brand}`),
      ]),
    ).concat(MATERIALS.flatMap((material) => TRAITS.map((trait) => `${trait} ${material} ${thing}`))),
  );
  const short = THINGS.flatMap((thing) => [
    ...[...MATERIALS, ...TRAITS, ...BRANDS].map((word) => `${word} ${thing}`),
    ...[...thing].map((_, i) => thing.slice(0, i + 1)),
  ]);
  const all = [...new Set([...short, ...queries])];
  const step = 1_499; // A prime: every query once, neighbours apart.
  return all.map((_, i) => all[(i * step) % all.length] ?? "");
};

const pathOf = (query: string): string => `/products/search?q=${encodeURIComponent(query)}`;

/** Search over the whole catalogue against reading one product: one at a time, by many clients, and at once. */
export const benchmark: Benchmark = async ({ seconds = SECONDS }) => {
  const work = await mkdtemp(join(tmpdir(), "stampede-bench-"));
  const start = () =>
    startShop(
      {
        DATA_DIR: process.env.BENCH_DATA_DIR ?? `.data/bench/catalogue-${PRODUCTS}`,
        CATALOG_SIZE: String(PRODUCTS),
        LOG_LEVEL: "WARN",
      },
      FIRST_START_TIMEOUT_MS,
    );
  const stop = async (shop: ShopProcess): Promise<void> => {
    shop.kill("SIGTERM");
    await shop.exited;
  };
  let shop = await start(); // The first start makes the catalogue.
  try {
    await stop(shop);
    shop = await start();
    const together = await atOnce(shop);
    const alone = await oneByOne(shop);
    await stop(shop);
    shop = await start();
    return {
      [`${AT_ONCE} different searches directly after the start`]: together,
      "one client": alone,
      [`${CLIENTS} clients`]: await byMany(shop, work, seconds),
    };
  } finally {
    await stop(shop);
    await rm(work, { recursive: true });
  }
};

const atOnce = async ({ url }: ShopProcess): Promise<Row[]> => {
  const client = clientOf(url);
  const samples: number[] = [];
  const statuses: number[] = [];
  const ask = async (query: string): Promise<void> => {
    const { status } = await client.get(pathOf(query));
    statuses.push(status);
  };
  const queries = differentQueries().slice(0, AT_ONCE);
  await Promise.all(queries.map(async (query) => samples.push(await timed(() => ask(query)))));
  const answered = statuses.filter((status) => status === 200).length;
  return [
    { answered, "p50 ms": rounded(percentile(samples, 0.5)), "longest ms": rounded(Math.max(...samples)) },
  ];
};

const oneByOne = async ({ url }: ShopProcess): Promise<Row[]> => {
  const client = clientOf(url);
  const measure = async (kind: string, paths: readonly string[], times = TIMES) => {
    const samples: number[] = [];
    for (let i = 0; i < times; i++)
      samples.push(await timed(() => client.get(paths[i % paths.length] ?? "/")));
    return { kind, samples };
  };
  const measured = [await measure("baseline: read one product", ["/products/1", "/products/50000"])];
  const different = differentQueries().toReversed();
  measured.push(await measure("all different", different.map(pathOf), 500));
  for (const [kind, words] of Object.entries(QUERIES)) measured.push(await measure(kind, words.map(pathOf)));
  const baseline = percentile(measured[0]?.samples ?? [], 0.5);
  return measured.map(({ kind, samples }) => ({
    kind,
    "p50 ms": rounded(percentile(samples, 0.5)),
    "p95 ms": rounded(percentile(samples, 0.95)),
    "p99 ms": rounded(percentile(samples, 0.99)),
    "p50 to baseline": rounded(percentile(samples, 0.5) / baseline, 1),
  }));
};

const byMany = async ({ url, pid }: ShopProcess, work: string, seconds: number): Promise<Row[]> => {
  const measure = async (kind: string, paths: readonly string[]) => {
    const file = join(work, "requests");
    await writeRequests(
      file,
      paths.map((path) => get(path)),
    );
    const before = await processorSeconds(pid);
    const played = await play({ url, file, skip: 0, seconds, connections: CLIENTS, counts: false });
    const cpu = ((await processorSeconds(pid)) - before) / played.requests;
    return { kind, played, cpu };
  };
  const rows = [
    await measure("baseline: read one product", ["/products/1"]),
    await measure("all different", differentQueries().map(pathOf)),
    await measure("the same again and again", Object.values(QUERIES).flat().map(pathOf)),
  ];
  return rows.map(({ kind, played, cpu }) => ({
    kind,
    "a second": rounded(played.requests / played.seconds, 0),
    "p50 ms": rounded(played.p50),
    "p99 ms": rounded(played.p99),
    refused: played.errors + played.broken,
    "CPU µs a request": rounded(cpu * 1e6, 0),
    "CPU to baseline": rounded(cpu / (rows[0]?.cpu ?? cpu), 1),
  }));
};
