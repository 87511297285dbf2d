import { setTimeout as pause } from "node:timers/promises";
import { runInRequestScope } from "../request-scope.ts";
import type { Shop } from "../shop.ts";
import type { Product } from "./product.ts";
import { isComplete, isDamage, markComplete, openIndex, removeIndexFile } from "./search-file.ts";
import { openFollower } from "./search-follower.ts";
import type { SearchIndex } from "./search-index.ts";
import { scanSearchable } from "./search-scan.ts";

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;
const LOGGED_EVERY_MS = 10_000;

/** Products written at a time while an index is filled, so that the process answers in between. */
const BATCH = 2_000;

/** How long a scan waits for the bus, in milliseconds: one that begins before would have to be followed by another. */
const BUS_WAIT_MS = 500;
const BUS_POLL_MS = 10;

const onBus = new WeakSet<Shop>();

/** Opens the index, fills it if it is new, and brings it up to date; once, however many callers ask. */
export const buildSearchIndex = (shop: Shop): Promise<void> => {
  const { search } = shop;
  if (search.building) return search.building;
  // Outside of any request: it outlives the request that happened to ask for it.
  const building = runInRequestScope({ requestId: "search-index" }, () => makeReady(shop));
  search.building = building;
  building.catch((error: unknown) => {
    if (search.building === building) search.building = undefined;
    if (!search.isClosed) shop.log.error("building the search index failed", error as Error);
  });
  return building;
};

/** Builds the index however many attempts it takes: a server is not healthy before. */
export const keepBuildingSearchIndex = async (shop: Shop): Promise<void> => {
  const { search } = shop;
  for (let wait = FIRST_RETRY_MS; !search.isClosed; wait = Math.min(LAST_RETRY_MS, 2 * wait)) {
    try {
      return await buildSearchIndex(shop);
    } catch {
      await pause(wait, undefined, { ref: false });
    }
  }
};

const makeReady = async (shop: Shop): Promise<void> => {
  const startedAt = performance.now();
  const { search } = shop;
  const index = search.index ?? (await openCurrent(shop));
  const isNew = !isComplete(index);
  if (isNew) {
    await fill(shop, index);
    markComplete(index);
  }
  if (search.source.feed) await untilHeard(shop); // Its first pass then covers what the bus did not tell before.
  await search.source.feed?.follow(index);
  search.isReady = !search.isClosed;
  const ms = Math.round(performance.now() - startedAt);
  shop.log.info("search index ready", { products: index.size, is_new: isNew, ms });
};

/** An index that can be brought up to date, or a new one. */
const openCurrent = async (shop: Shop): Promise<SearchIndex> => {
  const { source } = shop.search;
  if (!source.feed) await untilHeard(shop);
  let index = await openFor(shop);
  if (isComplete(index) && source.feed && !(await source.feed.canFollow(index))) {
    shop.log.warn("the stored search index is of another state of the table; building it again");
    index.close();
    if (source.file) removeIndexFile(source.file);
    index = await openFor(shop);
  }
  shop.search.index = index;
  shop.search.follower = openFollower(shop, index);
  followBus(shop);
  return index;
};

const untilHeard = async ({ products: { bus } }: Shop): Promise<void> => {
  const giveUpAt = performance.now() + BUS_WAIT_MS;
  while (bus.heardUntil() === 0 && performance.now() < giveUpAt) await pause(BUS_POLL_MS);
};

const openFor = async (shop: Shop): Promise<SearchIndex> => {
  const { search } = shop;
  let loggedAt = Number.NEGATIVE_INFINITY;
  const index = await openIndex(search.source.file, shop.log, (error) => {
    if (isDamage(error)) return replaceDamaged(shop, index, error);
    if (performance.now() - loggedAt < LOGGED_EVERY_MS) return;
    loggedAt = performance.now();
    shop.log.error("writing to the search index failed; trying again", error as Error);
  });
  return index;
};

const fill = async (shop: Shop, index: SearchIndex): Promise<void> => {
  const { products, feed } = shop.search.source;
  if (!products) {
    await feed?.begin(index);
    return scanSearchable(shop, index.putAll);
  }
  let batch: Product[] = [];
  for (const product of products()) {
    if (batch.push(product) < BATCH) continue;
    index.putAll(batch);
    batch = [];
    await new Promise(setImmediate);
  }
  index.putAll(batch);
};

/** Takes over what other processes write, as the bus tells of it, and finds out what the bus may have missed. */
const followBus = (shop: Shop): void => {
  if (onBus.has(shop)) return;
  onBus.add(shop);
  const { search, products } = shop;
  products.bus.onMessage((message) => {
    if (message.type === "invalidate") search.follower?.hear(message.key, message.version);
  });
  products.bus.onGap(() => {
    if (search.source.feed) search.source.feed.doubt();
    else search.follower?.compare();
  });
};

/** Whether the index has every write of a product that this process could know of, the bus permitting. */
export const isCurrent = ({ search }: Shop, id: number): boolean =>
  search.follower?.isBehind(id) === false && (search.source.feed?.isCurrent() ?? true);

/** Starts anew with an index whose file turns out to be damaged; until it is built the process is not healthy. */
export const replaceDamaged = (shop: Shop, index: SearchIndex | undefined, error: unknown): void => {
  const { search } = shop;
  if (!index || search.index !== index) return;
  shop.log.error("the search index is damaged; building it again", error as Error);
  const { source } = search;
  search.isReady = false;
  search.follower?.stop();
  search.index = undefined;
  search.source = { ...source, products: undefined }; // Products have changed since they were known.
  search.building = (async () => {
    await source.feed?.stop();
    index.close();
    if (source.file) removeIndexFile(source.file);
    await makeReady(shop);
  })();
  search.building.catch(() => {
    search.building = undefined;
    void keepBuildingSearchIndex(shop);
  });
};

/** Writes what is left and closes the index, also one that is being built; the shop can't search afterwards. */
export const closeSearch = async ({ search }: Shop): Promise<void> => {
  search.isClosed = true;
  search.isReady = false;
  search.follower?.stop();
  await search.source.feed?.stop();
  search.index?.close();
  search.index = undefined;
};
