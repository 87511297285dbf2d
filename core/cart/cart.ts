import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { getProduct, getProducts, notForSale } from "../catalog/catalog.ts";
import { productIdSchema, productNotFound } from "../catalog/product.ts";
import { DomainError, isDomainError } from "../errors.ts";
import { type Cents, fromCents, toCents } from "../money.ts";
import { SilenceError, unlessSilent } from "../resilience/silence.ts";
import type { Shop } from "../shop.ts";
import type { StockLine } from "../stock/stock-line.ts";
import {
  addPieces,
  type CartExpression,
  type CartItem,
  linesOf,
  liveCart,
  MAX_LINE_QUANTITY,
  MAX_LINES,
  removeLine,
  setPieces,
  startCart,
} from "./cart-item.ts";
import { type ChangedCart, changeOnce } from "./change.ts";
import { userIdSchema } from "./user-id.ts";

export const quantitySchema = z
  .int()
  .min(1)
  .max(MAX_LINE_QUANTITY)
  .meta({ description: "Pieces", example: 2 });

const cartLineSchema = z
  .object({
    product_id: productIdSchema,
    quantity: quantitySchema,
    price: z.number().nullable().meta({
      description: "Price of one piece; null while the product has none and is not for sale",
      example: 19.99,
    }),
  })
  .meta({ id: "CartLine" });

export const cartSchema = z
  .object({
    user_id: userIdSchema,
    items: z.array(cartLineSchema).max(MAX_LINES),
    total: z.number().meta({ description: "Of the lines that have a price", example: 39.98 }),
    updated_at: z.iso.datetime().nullable().meta({ description: "Null for a cart never used" }),
    version: z.int().min(0).meta({ example: 3 }),
  })
  .meta({ id: "Cart" });

export type Cart = z.infer<typeof cartSchema>;

/** A line as a cart shows it; null for a product without a price. */
interface CartLine extends StockLine {
  readonly price_cents: Cents | null;
}

/** Reads the cart of a user; an expired one counts as empty. */
export const readCart = async (shop: Shop, userId: string): Promise<CartItem | undefined> => {
  const { Item } = await shop.db.send(
    new GetCommand({
      TableName: shop.tables.carts,
      Key: { user_id: userId },
      ConsistentRead: true,
    }),
  );
  return liveCart(Item as CartItem | undefined, shop.now());
};

/**
 * Lines at the prices of the cache, as a cart is shown.
 *
 * @throws DomainError `PRODUCT_NOT_FOUND`: a line must never be priced at nothing
 */
const priceLines = async (shop: Shop, lines: readonly StockLine[]): Promise<CartLine[]> => {
  const products = await getProducts(
    shop,
    lines.map(({ product_id }) => product_id),
  );
  return lines.map((line) => {
    const product = products.get(line.product_id);
    if (!product) throw productNotFound(line.product_id);
    return { ...line, price_cents: product.price === null ? null : toCents(product.price) };
  });
};

/** The sum of the lines that have a price. */
export const totalCents = (lines: readonly CartLine[]): Cents =>
  lines.reduce((sum, { quantity, price_cents }) => sum + quantity * (price_cents ?? 0), 0);

/** A cart as it was when this process saw it last, where storage does not answer. */
export interface CartSeen {
  readonly cart: Cart;
  readonly isStale: boolean;
}

/**
 * The user's cart at the prices of now; an unknown user has an empty one. While storage is away, the last one that this
 * process has seen.
 */
export const seeCart = async (shop: Shop, userId: string): Promise<CartSeen> => {
  const last = shop.lastCarts.recall(userId);
  try {
    const read = readCart(shop, userId);
    const item = await (last ? unlessSilent(read, shop.resilience.circuits.dynamodb) : read);
    shop.lastCarts.remember(userId, item);
    return { cart: await present(shop, userId, item), isStale: false };
  } catch (error) {
    if (!last || !(isDomainError(error, "STORAGE_UNAVAILABLE") || error instanceof SilenceError)) throw error;
    return { cart: await present(shop, userId, liveCart(last.cart, shop.now())), isStale: true };
  }
};

/** The user's cart, at whatever age ({@link seeCart}). */
export const getCart = async (shop: Shop, userId: string): Promise<Cart> =>
  (await seeCart(shop, userId)).cart;

/** A cart after a change that was asked for. */
export interface CartChange {
  readonly cart: Cart;
  /** The change was found made, its answer having got lost: later changes by others show in the cart. */
  readonly isReplayed: boolean;
}

/**
 * Adds pieces to the cart; concurrent additions all count.
 *
 * @throws DomainError `PRODUCT_NOT_FOUND`, `NOT_FOR_SALE` for a product without a price, or `CART_LIMIT_EXCEEDED`
 * when the cart would hold too much
 */
export const addToCart = async (shop: Shop, userId: string, line: StockLine): Promise<CartChange> => {
  const { price } = await getProduct(shop, line.product_id);
  if (price === null) throw notForSale([line.product_id]);
  // Between two attempts another request may start the cart, or empty it.
  const changed = await changeOnce(shop, userId, (seen) =>
    seen === "none" ? startCart([line], shop.now()) : addPieces(line, shop.now()),
  );
  if (changed) return presentChange(shop, userId, changed);
  throw new DomainError(
    "CART_LIMIT_EXCEEDED",
    `A cart holds at most ${MAX_LINES} different products and ${MAX_LINE_QUANTITY} pieces of each`,
  );
};

/**
 * Sets the pieces of a product already in the cart.
 *
 * @throws DomainError `CART_ITEM_NOT_FOUND`
 */
export const setCartLine = (shop: Shop, userId: string, line: StockLine): Promise<CartChange> =>
  changeLine(shop, userId, line.product_id, setPieces(line, shop.now()));

/** @throws DomainError `CART_ITEM_NOT_FOUND` */
export const removeCartLine = (shop: Shop, userId: string, productId: number): Promise<CartChange> =>
  changeLine(shop, userId, productId, removeLine(productId, shop.now()));

const changeLine = async (
  shop: Shop,
  userId: string,
  productId: number,
  change: CartExpression,
): Promise<CartChange> => {
  const changed = await changeOnce(shop, userId, (seen) => (seen === "live" ? change : undefined));
  if (changed) return presentChange(shop, userId, changed);
  throw new DomainError("CART_ITEM_NOT_FOUND", `Product ${productId} is not in the cart`);
};

const presentChange = async (
  shop: Shop,
  userId: string,
  { item, isReplayed }: ChangedCart,
): Promise<CartChange> => ({ cart: await present(shop, userId, item), isReplayed });

const present = async (shop: Shop, userId: string, item: CartItem | undefined): Promise<Cart> => {
  const lines = await priceLines(shop, linesOf(item));
  return {
    user_id: userId,
    items: lines.map(({ product_id, quantity, price_cents }) => ({
      product_id,
      quantity,
      price: price_cents === null ? null : fromCents(price_cents),
    })),
    total: fromCents(totalCents(lines)),
    updated_at: item?.updated_at ?? null,
    version: item?.version ?? 0,
  };
};
