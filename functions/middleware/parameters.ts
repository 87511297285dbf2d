import { z } from "zod";
import { userIdSchema } from "../../core/cart/user-id.ts";
import { productIdSchema } from "../../core/catalog/product.ts";
import { wholeNumber } from "./validate.ts";

export const productPath = z.object({
  productId: wholeNumber(productIdSchema),
});
export const userPath = z.object({ userId: userIdSchema });
export const cartLinePath = z.object({
  userId: userIdSchema,
  productId: wholeNumber(productIdSchema),
});

export const limitParameter = wholeNumber(z.int().min(1).max(100)).default(20).meta({
  description: "Page size",
});

export const nextCursorSchema = z.string().nullable().meta({
  description: "`cursor` of the next page, or null on the last one",
  example: "eyJwcm9kdWN0X2lkIjo0Mn0",
});

export const cursorParameter = z.string().min(1).max(1_000).optional().meta({
  description: "`next_cursor` of the page before",
});
