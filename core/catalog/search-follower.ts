import { setTimeout as pause } from "node:timers/promises";
import { runInRequestScope } from "../request-scope.ts";
import type { Shop } from "../shop.ts";
import { readProductItems } from "./catalog.ts";
import { searchableOf } from "./search-entry.ts";
import type { SearchIndex } from "./search-index.ts";
import { scanVersions } from "./search-scan.ts";
import type { Follower } from "./search-state.ts";

/** BatchGetItem's own limit. */
const BATCH = 100;
const RETRY_MS = 1_000;

/** While the versions are compared, this many times as long as a page took is left to customers. */
const REST = 3;

/** How often all versions are compared though no message is known to be lost: a writer may die before it publishes. */
const COMPARE_EVERY_MS = 3_600_000;

/** Outside of the request that may be under way, whose deadline is not this work's. */
const inBackground = (work: () => Promise<void>): Promise<void> =>
  runInRequestScope({ requestId: "search-index" }, work);

/** Brings an index up to date with what other processes write. Reads that fail are tried again until they succeed. */
export const openFollower = (shop: Shop, index: SearchIndex): Follower => {
  const stopping = new AbortController();
  const heard = new Map<number, number>();
  let reading: Promise<void> | undefined;
  let isComparing = false;
  let isComparisonDue = false;

  const rest = (ms: number): Promise<unknown> =>
    pause(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);

  /** Does work until it succeeds. */
  const persist = async (what: string, work: () => Promise<void>): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        return await work();
      } catch (error) {
        shop.log.warn(`${what} failed; trying again`, error as Error);
        await rest(RETRY_MS * (1 + Math.random()));
      }
    }
  };

  const readSome = async (): Promise<void> => {
    const some = [...heard].slice(0, BATCH);
    const items = await readProductItems(
      shop,
      some.map(([id]) => id),
    );
    index.putAll([...items.values()].flatMap((item) => searchableOf({ ...item })));
    for (const [id, version] of some) if (heard.get(id) === version) heard.delete(id);
  };

  const readHeard = async (): Promise<void> => {
    while (heard.size > 0 && !stopping.signal.aborted) {
      await persist("reading products for the search index", readSome);
    }
    reading = undefined;
  };

  const hear = (id: number, version: number): void => {
    // A product number of another kind would make every batch that it is in fail.
    if (!Number.isSafeInteger(id) || index.versionOf(id) >= version || (heard.get(id) ?? 0) >= version)
      return;
    heard.set(id, version);
    reading ??= inBackground(readHeard);
  };

  const compareOnce = async (): Promise<void> => {
    const startedAt = performance.now();
    let differing = 0;
    let pageAt = startedAt;
    await scanVersions(shop, async (items) => {
      for (const { product_id: id, version } of items.flatMap(searchableOf)) {
        if (index.versionOf(id) >= version) continue;
        differing += 1;
        hear(id, version);
      }
      await reading;
      await rest(REST * (performance.now() - pageAt));
      pageAt = performance.now();
    });
    const ms = Math.round(performance.now() - startedAt);
    shop.log.info("search index compared with the table", { differing, ms });
  };

  const compareWhileDue = async (): Promise<void> => {
    while (isComparisonDue && !stopping.signal.aborted) {
      isComparisonDue = false;
      await persist("comparing the search index with the table", compareOnce);
    }
    isComparing = false;
  };

  const compare = (): void => {
    isComparisonDue = true;
    if (isComparing) return;
    isComparing = true;
    void inBackground(compareWhileDue);
  };

  const timer = setInterval(compare, COMPARE_EVERY_MS * (0.9 + 0.2 * Math.random()));
  timer.unref?.();
  return {
    hear,
    compare,
    isBehind: (id) => isComparing || heard.has(id),
    stop: () => {
      clearInterval(timer);
      stopping.abort();
    },
  };
};
