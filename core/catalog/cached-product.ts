import { z } from "zod";
import { centsOf } from "../money.ts";
import type { Product } from "./product.ts";

/**
 * The types of a product's fields, without the rules for what clients send: those may have been other rules
 * when the product was stored. Fields that only a newer version knows are left out.
 */
const cachedProductSchema = z.object({
  product_id: z.int(),
  id: z.int(),
  sku: z.string(),
  manufacturer: z.string(),
  brand: z.string(),
  category_id: z.int(),
  category: z.string(),
  weight: z.int(),
  some_other_id: z.int(),
  name: z.string(),
  description: z.string(),
  price: z
    .number()
    .refine((price) => centsOf(price) !== undefined)
    .nullable(),
  version: z.int(),
}) satisfies z.ZodType<Product>;

/** A product as Redis had it; undefined for what is not the product of that id and version. */
export const parseCachedProduct = (value: unknown, id: number, version: number): Product | undefined => {
  const { data } = cachedProductSchema.safeParse(value);
  return data?.product_id === id && data.id === id && data.version === version ? data : undefined;
};
