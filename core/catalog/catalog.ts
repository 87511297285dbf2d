import { QueryCommand, ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import type { Reading } from "../cache/reading.ts";
import { DomainError } from "../errors.ts";
import type { Shop } from "../shop.ts";
import { batchGet } from "../storage/batch-get.ts";
import { decodeCursor, encodeCursor } from "../storage/cursor.ts";
import {
  attributesOf,
  type Product,
  type ProductDetails,
  type ProductItem,
  productFromItem,
  productIdSchema,
  productNotFound,
} from "./product.ts";

export interface ProductPage {
  readonly products: Product[];
  readonly next_cursor: string | null;
}

/** @param productIds products without a price */
export const notForSale = (productIds: readonly number[]): DomainError =>
  new DomainError("NOT_FOR_SALE", `Without a price, not for sale: product ${productIds.join(", ")}`, {
    details: productIds.map((product_id) => ({ product_id })),
  });

/** A product with the tier it came from. */
export interface ProductReading {
  readonly product: Product;
  readonly reading: Reading<Product>;
}

/**
 * Reads a product through the cache.
 *
 * @throws DomainError `PRODUCT_NOT_FOUND`
 */
export const readProduct = async (shop: Shop, productId: number): Promise<ProductReading> => {
  const reading = await shop.products.cache.read(productId);
  const product = reading.entry.value;
  if (!product) throw productNotFound(productId);
  return { product, reading };
};

/** @throws DomainError `PRODUCT_NOT_FOUND` */
export const getProduct = async (shop: Shop, productId: number): Promise<Product> => {
  const hit = shop.products.cache.peek(productId)?.value;
  return hit ?? (await readProduct(shop, productId)).product;
};

/** The products that exist among the given ids, through the cache. */
export const getProducts = async (
  shop: Shop,
  productIds: readonly number[],
): Promise<Map<number, Product>> => {
  const readings = await Promise.all(productIds.map((id) => shop.products.cache.read(id)));
  const products = readings.flatMap(({ entry }) => entry.value ?? []);
  return new Map(products.map((product) => [product.product_id, product]));
};

/** The products that exist among the given ids, as the database stores them now. */
export const readProductItems = async (
  shop: Shop,
  productIds: readonly number[],
): Promise<Map<number, ProductItem>> => {
  const keys = [...new Set(productIds)].map((product_id) => ({ product_id }));
  const items = (await batchGet(shop.db, shop.tables.products, keys, true)) as unknown as ProductItem[];
  return new Map(items.map((item) => [item.product_id, item]));
};

/** The products that exist among the given ids, as the database has them now. */
export const getCurrentProducts = async (
  shop: Shop,
  productIds: readonly number[],
): Promise<Map<number, Product>> => {
  const items = await readProductItems(shop, productIds);
  return new Map([...items].map(([id, item]) => [id, productFromItem(item)]));
};

/**
 * Creates the product or updates it; optional fields that are not given keep their value.
 *
 * @returns the product as it stands after this write
 */
export const putProduct = async (shop: Shop, details: ProductDetails): Promise<Product> => {
  const attributes = Object.entries(attributesOf(details));
  const assignments = attributes.map((_, index) => `#a${index} = :a${index}`);
  // An empty category is stored as no category: an index key must not be empty.
  const removal = details.category === "" ? " REMOVE category" : "";
  const { Attributes } = await shop.db.send(
    new UpdateCommand({
      TableName: shop.tables.products,
      Key: { product_id: details.product_id },
      UpdateExpression: `SET ${assignments.join(", ")}${removal} ADD version :one`,
      ExpressionAttributeNames: Object.fromEntries(attributes.map(([name], index) => [`#a${index}`, name])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(attributes.map(([, value], index) => [`:a${index}`, value])),
        ":one": 1,
      },
      ReturnValues: "ALL_NEW",
    }),
  );
  return announce(shop, Attributes as ProductItem);
};

/**
 * Takes the price off a product that exists: it is not for sale until it gets one again.
 *
 * @returns the product as it stands after this write
 */
export const removePrice = async (shop: Shop, productId: number): Promise<Product> => {
  const { Attributes } = await shop.db.send(
    new UpdateCommand({
      TableName: shop.tables.products,
      Key: { product_id: productId },
      UpdateExpression: "REMOVE price_cents ADD version :one",
      ConditionExpression: "attribute_exists(product_id)",
      ExpressionAttributeValues: { ":one": 1 },
      ReturnValues: "ALL_NEW",
    }),
  );
  return announce(shop, Attributes as ProductItem);
};

/** Makes caches and search know of a product that was written. */
const announce = async (shop: Shop, item: ProductItem): Promise<Product> => {
  const product = productFromItem(item);
  await shop.products.cache.invalidate(product.product_id, product.version);
  shop.search.put(product);
  return product;
};

interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * One page of the catalogue, of one category in order of product number or of everything in no
 * particular order (a scan's order is that of DynamoDB's key hash).
 */
export const listProducts = async (
  shop: Shop,
  { category, ...query }: PageQuery & { readonly category?: string | undefined },
): Promise<ProductPage> => {
  const page =
    category === undefined ? await scanPage(shop, query) : await categoryPage(shop, category, query);
  return {
    products: ((page.Items ?? []) as ProductItem[]).map(productFromItem),
    next_cursor: encodeCursor(page.LastEvaluatedKey),
  };
};

const scanPage = (shop: Shop, { limit, cursor }: PageQuery) =>
  shop.db.send(
    new ScanCommand({
      TableName: shop.tables.products,
      Limit: limit,
      ...(cursor && {
        ExclusiveStartKey: decodeCursor(cursor, z.strictObject({ product_id: productIdSchema })),
      }),
    }),
  );

const categoryPage = (shop: Shop, category: string, { limit, cursor }: PageQuery) =>
  shop.db.send(
    new QueryCommand({
      TableName: shop.tables.products,
      IndexName: "byCategory",
      KeyConditionExpression: "category = :category",
      ExpressionAttributeValues: { ":category": category },
      Limit: limit,
      ...(cursor && {
        ExclusiveStartKey: decodeCursor(
          cursor,
          z.strictObject({ product_id: productIdSchema, category: z.literal(category) }),
        ),
      }),
    }),
  );
