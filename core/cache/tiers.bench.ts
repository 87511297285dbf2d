/**
 * Cost of one read in each tier, and of a miss alone and in company. Writes rows as JSON; `npm run bench --
 * cache` runs it against a full catalogue. REDIS_URL must name a database of its own: it is emptied.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { openProductLoader } from "../catalog/product-loader.ts";
import { readConfig } from "../config/config.ts";
import { openShop } from "../open-shop.ts";

const ROUNDS = 5;
const CONCURRENT = 64;
const MEMORY_READS = 1_000_000;
/** Read without a turn of the event loop, then a pause: the bus must be heard in between, or memory is flushed. */
const SLICE = 50_000;
const PAUSE_MS = 20;
const REDIS_READS = 6_400;
const MISSES = 3_200;
const ALONE = 320;

const config = readConfig();
if (!config.redis) throw new Error("REDIS_URL is not set");
const redis = new Redis(config.redis.url);
const shop = openShop(config);
const { cache } = shop.products;
const loader = openProductLoader(shop.db, shop.tables.products);

/** Product ids by Zipf's law with s = 1, over a shuffled catalogue. */
const zipfIds = (products: number, draws: number): Int32Array => {
  const ids = shuffled(products);
  const sums = new Float64Array(products);
  let sum = 0;
  for (let rank = 1; rank <= products; rank++) sums[rank - 1] = sum += 1 / rank;
  return Int32Array.from({ length: draws }, () => {
    const drawn = Math.random() * sum;
    let [low, high] = [0, products - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < drawn) low = middle + 1;
      else high = middle;
    }
    return ids[low] ?? 1;
  });
};

const shuffled = (products: number): Int32Array => {
  const ids = Int32Array.from({ length: products }, (_, index) => index + 1);
  for (let last = products - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [ids[last], ids[other]] = [ids[other] ?? 1, ids[last] ?? 1];
  }
  return ids;
};

/** Microseconds a read, of reads that take no turn of the event loop. */
const timedSync = async (read: (id: number) => unknown): Promise<number> => {
  let spent = 0;
  for (let start = 0; start < popular.length; start += SLICE) {
    const slice = popular.subarray(start, start + SLICE);
    const startedAt = performance.now();
    for (const id of slice) if (read(id) === undefined) throw new Error(`Product ${id} is not in memory`);
    spent += performance.now() - startedAt;
    await sleep(PAUSE_MS);
  }
  return (1_000 * spent) / popular.length;
};

/** Microseconds a read by this number of parallel readers, each of which reads one after another. */
const timed = async (
  ids: readonly number[],
  readers: number,
  read: (id: number) => Promise<unknown>,
): Promise<number> => {
  const startedAt = performance.now();
  const left = ids.values();
  await Promise.all(
    Array.from({ length: readers }, async () => {
      for (const id of left) await read(id);
    }),
  );
  return (1_000 * (performance.now() - startedAt)) / ids.length;
};

const popular = zipfIds(config.catalogSize, MEMORY_READS);
const distinct = (count: number): number[] => [...shuffled(config.catalogSize).subarray(0, count)];

const inMode = async (mode: "redis" | "tiered", isFilled: boolean): Promise<void> => {
  await cache.setMode("off"); // Each mode starts with an empty memory.
  await cache.setMode(mode);
  await sleep(PAUSE_MS); // Until what was said of it on the bus has come back.
  if (!isFilled) await redis.flushdb();
};

const fillMemory = async (): Promise<void> => {
  await inMode("tiered", true);
  const ids = shuffled(config.catalogSize);
  for (let start = 0; start < ids.length; start += 500)
    await cache.warm([...ids.subarray(start, start + 500)]);
};

const missing = async (count: number, concurrent: number): Promise<number> => {
  await inMode("tiered", false);
  return timed(distinct(count), concurrent, cache.read);
};

const inRedis = async (concurrent: number): Promise<number> => {
  await inMode("redis", true);
  return timed(
    [...popular.subarray(0, concurrent === 1 ? REDIS_READS / 4 : REDIS_READS)],
    concurrent,
    cache.read,
  );
};

type Kinds = Readonly<Record<string, () => Promise<number>>>;

const SYNCHRONOUS: Kinds = {
  "memory's store alone": () => timedSync(cache.recall),
  "memory hit": () => timedSync(cache.peek),
};
/** The first is the baseline. */
const ASYNCHRONOUS: Kinds = {
  "baseline: GetItem a key, 64 readers": () => timed(distinct(MISSES), CONCURRENT, loader.loadAlone),
  "GetItem a key, one reader": () => timed(distinct(ALONE), 1, loader.loadAlone),
  "coalesced load, 64 readers": () => timed(distinct(MISSES), CONCURRENT, (id) => loader.load(id, false)),
  "miss of all tiers, 64 readers": () => missing(MISSES, CONCURRENT),
  "miss of all tiers, one reader": () => missing(ALONE, 1),
  "Redis hit, 64 readers": () => inRedis(CONCURRENT),
  "Redis hit, one reader": () => inRedis(1),
};

const rounded = (value: number): number => Number(value.toPrecision(3));
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** The kinds take turns. The first round, which warms the process up, does not count. */
const sample = async (kinds: Kinds): Promise<[kind: string, us: number[]][]> => {
  const samples = Object.keys(kinds).map((kind): [string, number[]] => [kind, []]);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [kind, values] of samples) {
      const us = (await kinds[kind]?.()) ?? Number.NaN;
      if (round > 0) values.push(us);
    }
  }
  return samples;
};

while (!cache.l2.isUsable()) await sleep(PAUSE_MS);
await fillMemory();
const synchronous = await sample(SYNCHRONOUS);
const samples = [...(await sample(ASYNCHRONOUS)), ...synchronous];
const baseline = median(samples[0]?.[1] ?? []);
const rows = samples.map(([kind, values]) => ({
  kind,
  "µs a read": rounded(median(values)),
  "min–max": `${rounded(Math.min(...values))}–${rounded(Math.max(...values))}`,
  "reads/s": Math.round(1e6 / median(values)),
  "reads/s to baseline": rounded(baseline / median(values)),
}));
console.log(JSON.stringify(rows));
process.exit(0);
