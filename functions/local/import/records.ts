import { ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import { PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { ConfigurationError } from "../../../core/config/environment-reader.ts";
import type { Shop } from "../../../core/shop.ts";

/**
 * The import's record of a variant: which product it became. Handle and options alone would not do, for
 * merchants relabel options, fill in SKUs and retitle products, and the product must stay the same one.
 */
export interface ImportRecord {
  readonly handle: string;
  readonly product_id: number;
  readonly options: readonly string[];
  /** The merchant's own, or "". */
  readonly sku: string;
  /** Among the variants of its handle, from 1; 0 once it is no longer among them. */
  readonly position: number;
}

/**
 * All records by handle. Some 300 bytes of memory a variant.
 *
 * @throws ConfigurationError when the database is that of a version which had no such table
 */
export const readRecords = async (shop: Shop): Promise<Map<string, ImportRecord[]>> => {
  const records = new Map<string, ImportRecord[]>();
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await readPage(shop, start);
    for (const record of Items as ImportRecord[]) {
      const others = records.get(record.handle);
      if (others) others.push(record);
      else records.set(record.handle, [record]);
    }
    start = LastEvaluatedKey;
  } while (start);
  return records;
};

const readPage = (shop: Shop, start: Record<string, unknown> | undefined) =>
  shop.db
    .send(new ScanCommand({ TableName: shop.tables.imports, ConsistentRead: true, ExclusiveStartKey: start }))
    .catch((error: unknown) => {
      if (!(error instanceof ResourceNotFoundException)) throw error;
      throw new ConfigurationError(
        `There is no table ${shop.tables.imports}: deploy this version of the shop before importing`,
      );
    });

export const writeRecord = async (shop: Shop, record: ImportRecord): Promise<void> => {
  await shop.db.send(new PutCommand({ TableName: shop.tables.imports, Item: { ...record } }));
};

export const isSameRecord = (one: ImportRecord, other: ImportRecord): boolean =>
  one.sku === other.sku &&
  one.position === other.position &&
  JSON.stringify(one.options) === JSON.stringify(other.options);
