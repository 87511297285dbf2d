import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { coalesce } from "../cache/coalesce.ts";
import type { Loaded } from "../cache/reading.ts";
import { batchGet } from "../storage/batch-get.ts";
import type { Database } from "../storage/database.ts";
import { type Product, type ProductItem, productFromItem } from "./product.ts";

/** Far below BatchGetItem's own limit of 100: the next batch is read while this one is being unpacked. */
const MAX_BATCH = 16;

/**
 * Batches under way at the most: enough to keep DynamoDB busy, too few to bury it when caches are cold, and
 * few enough that batches fill up while they wait.
 */
const MAX_BATCHES_IN_FLIGHT = 4;

const loadedOf = (item: ProductItem): Loaded<Product> => ({
  value: productFromItem(item),
  version: item.version,
});

/** Loads products for the cache: a lone key by GetItem, those that come together by BatchGetItem. */
export const openProductLoader = (db: Database, table: string) => {
  const getOne = async (product_id: number, consistent: boolean): Promise<Map<number, Loaded<Product>>> => {
    const { Item } = await db.send(
      new GetCommand({ TableName: table, Key: { product_id }, ConsistentRead: consistent }),
    );
    return new Map(Item ? [[product_id, loadedOf(Item as ProductItem)]] : []);
  };
  const getMany = async (keys: readonly number[], consistent: boolean) => {
    const items = await batchGet(
      db,
      table,
      keys.map((product_id) => ({ product_id })),
      consistent,
    );
    return new Map((items as unknown as ProductItem[]).map((item) => [item.product_id, loadedOf(item)]));
  };
  const loaderOf = (consistent: boolean) =>
    coalesce<Loaded<Product>>(
      ([first, ...others]) =>
        first === undefined || others.length > 0
          ? getMany(first === undefined ? [] : [first, ...others], consistent)
          : getOne(first, consistent),
      { maxBatch: MAX_BATCH, maxInFlight: MAX_BATCHES_IN_FLIGHT },
    );
  const [eventual, consistent] = [loaderOf(false), loaderOf(true)];

  return {
    load: (key: number, isConsistent: boolean): Promise<Loaded<Product>> =>
      (isConsistent ? consistent : eventual).load(key),
    /** One GetItem for one key, past all sharing: what a read costs without a cache. */
    loadAlone: async (key: number): Promise<Loaded<Product>> => (await getOne(key, false)).get(key),
  };
};
