import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { productNotFound } from "../catalog/catalog.ts";
import type { Shop } from "../shop.ts";
import { batchGet } from "../storage/batch-get.ts";
import { type CounterItem, stockId } from "./counters.ts";
import { type StockLayout, UNSPLIT } from "./layout.ts";

/** @throws DomainError `PRODUCT_NOT_FOUND` */
export const readLayout = async (shop: Shop, productId: number): Promise<StockLayout> => {
  const { Item } = await shop.db.send(
    new GetCommand({
      TableName: shop.tables.products,
      Key: { product_id: productId },
      ProjectionExpression: "product_id, stock_layout",
      ConsistentRead: true,
    }),
  );
  if (!Item) throw productNotFound(productId);
  return (Item.stock_layout as StockLayout | undefined) ?? UNSPLIT;
};

/** The counters of some products that exist, as they are now. */
export const readCounters = async (
  shop: Shop,
  layouts: ReadonlyMap<number, StockLayout>,
): Promise<CounterItem[]> => {
  const keys = [...layouts].flatMap(([productId, { made }]) =>
    Array.from({ length: made }, (_, shard) => ({ stock_id: stockId(productId, shard) })),
  );
  return (await batchGet(shop.db, shop.tables.stock, keys, true)) as unknown as CounterItem[];
};
