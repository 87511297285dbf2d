import { z } from "zod";
import { characters } from "../characters.ts";
import { DomainError } from "../errors.ts";
import { centsOf, fromCents, toCents } from "../money.ts";
import type { StockLayout } from "../stock/layout.ts";

export const INT32_MAX = 2_147_483_647;

/** Ten million currency units: keeps an order's total of cents an exact integer whatever is in it. */
const MAX_PRICE = 10_000_000;

const positiveInt32 = () => z.int().min(1).max(INT32_MAX);

export const productIdSchema = positiveInt32().meta({
  description: "Product number",
  example: 42,
});

const priceSchema = z
  .number()
  .min(0)
  .max(MAX_PRICE)
  .refine((price) => centsOf(price) !== undefined, "must have at most two decimals")
  .meta({ description: "Price with at most two decimals", example: 19.99 });

/** JSON can write control characters, and half of a surrogate pair, which no UTF-8 store can keep. */
const text = (min: number, max: number) =>
  characters(min, max)
    .regex(/^\P{Cc}*$/u, "must not contain control characters")
    .regex(/^\P{Cs}*$/u, "must be well-formed Unicode");

/** Body of a request that creates or updates a product. */
export const productDetailsSchema = z
  .strictObject({
    product_id: productIdSchema,
    sku: text(1, 100).regex(/\S/, "must not be blank").meta({ example: "SKU-000042" }),
    manufacturer: text(1, 200).meta({ example: "Northwind" }),
    category_id: positiveInt32().meta({ example: 7 }),
    weight: z.int().min(0).max(INT32_MAX).meta({ description: "Weight in grams", example: 350 }),
    some_other_id: positiveInt32().meta({ example: 1 }),
    name: text(0, 500).optional().meta({ example: "Oak desk lamp" }),
    category: text(0, 200).optional().meta({ example: "Lighting" }),
    description: text(0, 10_000).optional().meta({ example: "A lamp for late readers." }),
    price: priceSchema.optional(),
  })
  .meta({ id: "ProductDetails" });

export type ProductDetails = z.infer<typeof productDetailsSchema>;

export const productSchema = z
  .object({
    ...productDetailsSchema.shape,
    id: productIdSchema.meta({ description: "The same as product_id" }),
    brand: z.string().meta({ description: "The same as manufacturer", example: "Northwind" }),
    name: z.string(),
    category: z.string(),
    description: z.string(),
    price: priceSchema.nullable().meta({
      description: "Null while the product has none; it is not for sale then. 0 is a price",
      example: 19.99,
    }),
    version: z.int().min(1).meta({ description: "Grows with every write", example: 1 }),
  })
  .meta({ id: "Product" });

export type Product = z.infer<typeof productSchema>;

/** A product as it is stored: cents, no repeated fields, and no empty category (an index key can't be empty). */
export interface ProductItem {
  readonly product_id: number;
  readonly sku: string;
  readonly manufacturer: string;
  readonly category_id: number;
  readonly weight: number;
  readonly some_other_id: number;
  readonly name?: string;
  readonly category?: string;
  readonly description?: string;
  /** None given: the product is not for sale. */
  readonly price_cents?: number;
  readonly version: number;
  /** Over how many counters its stock is split; none given: over one. */
  readonly stock_layout?: StockLayout;
}

export const productFromItem = (item: ProductItem): Product => ({
  product_id: item.product_id,
  id: item.product_id,
  sku: item.sku,
  manufacturer: item.manufacturer,
  brand: item.manufacturer,
  category_id: item.category_id,
  category: item.category ?? "",
  weight: item.weight,
  some_other_id: item.some_other_id,
  name: item.name ?? "",
  description: item.description ?? "",
  price: item.price_cents === undefined ? null : fromCents(item.price_cents),
  version: item.version,
});

/** The stored attributes a write sets. Optional fields that are not given stay as they are. */
export const attributesOf = (details: ProductDetails): Omit<ProductItem, "version" | "product_id"> => ({
  sku: details.sku,
  manufacturer: details.manufacturer,
  category_id: details.category_id,
  weight: details.weight,
  some_other_id: details.some_other_id,
  ...(details.name !== undefined && { name: details.name }),
  ...(details.category && { category: details.category }),
  ...(details.description !== undefined && {
    description: details.description,
  }),
  ...(details.price !== undefined && { price_cents: toCents(details.price) }),
});

export const productNotFound = (productId: number): DomainError =>
  new DomainError("PRODUCT_NOT_FOUND", `There is no product ${productId}`);
