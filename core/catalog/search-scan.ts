import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Shop } from "../shop.ts";
import type { Product } from "./product.ts";
import { searchableOf } from "./search-entry.ts";

/** Short pages: the embedded engine answers one request at a time, and customers may be waiting too. */
const PAGE_SIZE = 1_000;

/**
 * Parts of the table read side by side. More would only wait for this process's one core. An endpoint of one's
 * own is one process that goes through the whole table for each part.
 */
const SEGMENTS = 4;

type Item = Record<string, unknown>;

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
  const readSegment = async (Segment: number): Promise<void> => {
    let start: Record<string, unknown> | undefined;
    do {
      const page = await shop.db.send(
        new ScanCommand({
          TableName: shop.tables.products,
          ConsistentRead: true,
          Limit: PAGE_SIZE,
          ...(segments > 1 && { Segment, TotalSegments: segments }),
          ...attributes,
          ...(start && { ExclusiveStartKey: start }),
        }),
      );
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
