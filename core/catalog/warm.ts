import { setTimeout as sleep } from "node:timers/promises";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Shop } from "../shop.ts";

const REDIS_WAIT_MS = 3_000;
const REDIS_POLL_MS = 50;

/** Read at a time, so that warming leaves room for customers. */
const CHUNK = 500;

/**
 * Loads products into the cache before anybody asks for them: the given ones, or the `count` most read as
 * far as the processes before this one have told, filled up with any others.
 *
 * @returns the ids that were loaded
 */
export const warmProducts = async (
  shop: Shop,
  wanted: number | readonly number[],
  onProgress: (loaded: number) => void = () => undefined,
): Promise<number[]> => {
  await untilShared(shop);
  const ids = typeof wanted === "number" ? await topProducts(shop, wanted) : [...wanted];
  for (let start = 0; start < ids.length; start += CHUNK) {
    const chunk = ids.slice(start, start + CHUNK);
    await shop.products.cache.warm(chunk);
    onProgress(chunk.length);
  }
  return ids;
};

const topProducts = async (shop: Shop, count: number): Promise<number[]> => {
  const ids = new Set(await knownTop(shop, count));
  let start: Record<string, unknown> | undefined;
  while (ids.size < count) {
    const page = await shop.db.send(
      new ScanCommand({
        TableName: shop.tables.products,
        ProjectionExpression: "product_id",
        Limit: Math.min(1_000, count),
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    for (const { product_id } of page.Items ?? []) if (ids.size < count) ids.add(product_id as number);
    start = page.LastEvaluatedKey;
    if (!start) break;
  }
  return [...ids];
};

/** Until Redis is there, what is warmed would reach no other process, and go when it comes. */
const untilShared = async ({ products }: Shop): Promise<void> => {
  for (const giveUpAt = Date.now() + REDIS_WAIT_MS; Date.now() < giveUpAt; await sleep(REDIS_POLL_MS)) {
    if (products.cache.l2.isUsable()) return;
  }
};

/**
 * The products that earlier processes published as hot; none when Redis does not answer, which makes warming
 * less precise.
 */
const knownTop = (shop: Shop, count: number): Promise<number[]> =>
  shop.products.board.top(count).catch(() => []);
