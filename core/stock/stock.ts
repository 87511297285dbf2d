import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { getProduct } from "../catalog/catalog.ts";
import { productIdSchema } from "../catalog/product.ts";
import type { Shop } from "../shop.ts";
import type { TransactItem } from "../storage/transact.ts";

export const MAX_AVAILABLE = 1_000_000_000;

export const stockSchema = z
  .object({
    product_id: productIdSchema,
    available: z.int().min(0).meta({
      description: "Pieces that can be ordered now",
      example: 1_000_000,
    }),
    reserved: z.int().min(0).meta({ description: "Pieces in orders not yet fulfilled", example: 2 }),
    sold: z.int().min(0).meta({ description: "Pieces in fulfilled orders", example: 40 }),
  })
  .meta({ id: "Stock" });

export type Stock = z.infer<typeof stockSchema>;

export const stockLevelSchema = z
  .strictObject({
    available: z.int().min(0).max(MAX_AVAILABLE).meta({ example: 100 }),
  })
  .meta({ id: "StockLevel" });

/** A quantity of one product, as carts and orders hold it. */
export interface StockLine {
  readonly product_id: number;
  readonly quantity: number;
}

const stockFromItem = (productId: number, item: Partial<Stock> = {}): Stock => ({
  product_id: productId,
  available: item.available ?? 0,
  reserved: item.reserved ?? 0,
  sold: item.sold ?? 0,
});

/**
 * The product's stock; nothing in stock when none was ever set.
 *
 * @throws DomainError `PRODUCT_NOT_FOUND`
 */
export const getStock = async (shop: Shop, productId: number): Promise<Stock> => {
  const { Item } = await shop.db.send(
    new GetCommand({
      TableName: shop.tables.stock,
      Key: { product_id: productId },
      ConsistentRead: true,
    }),
  );
  if (!Item) await getProduct(shop, productId);
  return stockFromItem(productId, Item);
};

/**
 * Sets the pieces that can be ordered from now on, e.g. after a stock count; what is reserved or sold
 * stays counted.
 *
 * @throws DomainError `PRODUCT_NOT_FOUND`
 */
export const setAvailable = async (shop: Shop, productId: number, available: number): Promise<Stock> => {
  await getProduct(shop, productId);
  const { Attributes } = await shop.db.send(
    new UpdateCommand({
      TableName: shop.tables.stock,
      Key: { product_id: productId },
      UpdateExpression:
        "SET available = :available, reserved = if_not_exists(reserved, :zero), sold = if_not_exists(sold, :zero)",
      ExpressionAttributeValues: { ":available": available, ":zero": 0 },
      ReturnValues: "ALL_NEW",
    }),
  );
  return stockFromItem(productId, Attributes);
};

/**
 * A movement of pieces between two counters, as a part of a transaction. It refuses to take more than is
 * there, so that no counter ever goes below zero.
 */
const move =
  (from: "available" | "reserved", to: "available" | "reserved" | "sold") =>
  (shop: Shop, { product_id, quantity }: StockLine): TransactItem => ({
    Update: {
      TableName: shop.tables.stock,
      Key: { product_id },
      UpdateExpression: `ADD ${from} :minus, ${to} :plus`,
      ConditionExpression: `${from} >= :plus`,
      ExpressionAttributeValues: { ":minus": -quantity, ":plus": quantity },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  });

export const reserveStock = move("available", "reserved");
export const releaseStock = move("reserved", "available");
export const sellStock = move("reserved", "sold");
