import { setTimeout as pause } from "node:timers/promises";
import { ScanCommand, type ScanCommandInput, type ScanCommandOutput } from "@aws-sdk/lib-dynamodb";
import type { Shop } from "../shop.ts";
import { isThrottled } from "../storage/storage-error.ts";
import type { Product } from "./product.ts";
import { searchableOf } from "./search-entry.ts";

/** Short pages: the embedded engine answers one request at a time, and customers may be waiting too. */
const PAGE_SIZE = 1_000;

/**
 * Parts of the table read side by side. More would only wait for this process's one core. An endpoint of one's
 * own is one process that goes through the whole table for each part.
 */
const SEGMENTS = 4;

/** Milliseconds until a page is asked for again, half of it at least, after a table had no capacity left for it. */
const THROTTLED_MS = 1_000;

type Item = Record<string, unknown>;

/**
 * Reads a page, however long the table has no capacity for it: nobody waits for this one, and who began anew instead would
 * use up the capacity that comes back and never get to the end.
 */
const readPage = async (
  { db, search }: Shop,
  input: ScanCommandInput,
  onThrottled: (error: unknown) => void,
): Promise<ScanCommandOutput> => {
  for (;;) {
    try {
      return await db.send(new ScanCommand(input));
    } catch (error) {
      if (search.isClosed || !isThrottled(error)) throw error;
      onThrottled(error);
      await pause(THROTTLED_MS * (0.5 + 0.5 * Math.random()), undefined, { ref: false });
    }
  }
};

/**
 * Reads the products table, consistently: whatever was written before the call is seen.
 *
 * @param onPage the segment goes on when it resolves
 */
const scan = async (
  shop: Shop,
  attributes: { ProjectionExpression?: string },
  segments: number,
  onPage: (items: Item[]) => unknown,
): Promise<void> => {
  let isSlow = false;
  const tellOnce = (error: unknown): void => {
    if (!isSlow) shop.log.warn("the products table is throttled; reading it goes on slowly", error as Error);
    isSlow = true;
  };
  const readSegment = async (Segment: number): Promise<void> => {
    let start: Record<string, unknown> | undefined;
    do {
      const input = {
        TableName: shop.tables.products,
        ConsistentRead: true,
        Limit: PAGE_SIZE,
        ...(segments > 1 && { Segment, TotalSegments: segments }),
        ...attributes,
        ...(start && { ExclusiveStartKey: start }),
      };
      const page = await readPage(shop, input, tellOnce);
      await onPage((page.Items ?? []) as Item[]);
      start = page.LastEvaluatedKey;
    } while (start);
  };
  await Promise.all(Array.from({ length: segments }, (_, segment) => readSegment(segment)));
};

/** Reads every product. */
export const scanSearchable = (shop: Shop, onPage: (products: Product[]) => void): Promise<void> =>
  scan(shop, {}, shop.config.dynamodb.endpoint ? 1 : SEGMENTS, (items) =>
    onPage(items.flatMap(searchableOf)),
  );

/** Reads the version of every product. */
export const scanVersions = (shop: Shop, onPage: (items: readonly Item[]) => Promise<void>): Promise<void> =>
  scan(shop, { ProjectionExpression: "product_id, version" }, 1, onPage);
