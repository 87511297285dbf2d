import { PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Shop } from "../../../core/shop.ts";

/**
 * What the import remembers of a variant: which product it became. Handle and options alone would not do,
 * for merchants relabel options, fill in SKUs and retitle products, and the product must stay the same one.
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

/** All records by handle. Some 300 bytes of memory a variant. */
export const readRecords = async (shop: Shop): Promise<Map<string, ImportRecord[]>> => {
  const records = new Map<string, ImportRecord[]>();
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await shop.db.send(
      new ScanCommand({ TableName: shop.tables.imports, ConsistentRead: true, ExclusiveStartKey: start }),
    );
    for (const record of Items as ImportRecord[]) {
      const others = records.get(record.handle);
      if (others) others.push(record);
      else records.set(record.handle, [record]);
    }
    start = LastEvaluatedKey;
  } while (start);
  return records;
};

export const writeRecord = async (shop: Shop, record: ImportRecord): Promise<void> => {
  await shop.db.send(new PutCommand({ TableName: shop.tables.imports, Item: { ...record } }));
};

export const isSameRecord = (one: ImportRecord, other: ImportRecord): boolean =>
  one.sku === other.sku &&
  one.position === other.position &&
  JSON.stringify(one.options) === JSON.stringify(other.options);
