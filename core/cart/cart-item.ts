import type { UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import type { StockLine } from "../stock/counters.ts";

/**
 * A cart as it is stored. Quantities live in a map keyed by product number, so that one update expression
 * changes one product's quantity without reading the cart first: concurrent changes can't lose each other.
 * Lines are emptied rather than deleted at checkout, so that `version` never repeats.
 */
export interface CartItem {
  readonly user_id: string;
  readonly quantities: Readonly<Record<string, number>>;
  readonly updated_at: string;
  readonly version: number;
  /** Epoch seconds. */
  readonly expires_at: number;
}

/** Bounded by the checkout: a transaction takes at most 100 items and each line is one. */
export const MAX_LINES = 50;
export const MAX_LINE_QUANTITY = 10_000;

export type CartExpression = Pick<
  UpdateCommandInput,
  "UpdateExpression" | "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
>;

const seconds = (now: number): number => Math.floor(now / 1000);

/** Undefined once expired: DynamoDB's own deletion may come days after the expiry. */
export const liveCart = (item: CartItem | undefined, now: number): CartItem | undefined =>
  item && item.expires_at > seconds(now) ? item : undefined;

/** The lines in order of product number, so that the same cart always makes the same order. */
export const linesOf = (item: CartItem | undefined): StockLine[] =>
  Object.entries(item?.quantities ?? {})
    .map(([id, quantity]) => ({ product_id: Number(id), quantity }))
    .sort((a, b) => a.product_id - b.product_id);

const IS_LIVE = "attribute_exists(quantities) AND expires_at > :now";
const IS_GONE = "attribute_not_exists(quantities) OR expires_at <= :now";
const TOUCH = "updated_at = :updated_at, expires_at = :expires_at ADD version :one";
const WITHIN_LIMITS =
  "((attribute_exists(quantities.#product) AND quantities.#product <= :room)" +
  " OR (attribute_not_exists(quantities.#product) AND size(quantities) < :max_lines))";

const touchValues = (now: number) => ({
  ":updated_at": new Date(now).toISOString(),
  ":now": seconds(now),
  ":one": 1,
});

/** Adds pieces to a live cart, within its limits. */
export const addPieces = ({ product_id, quantity }: StockLine, now: number): CartExpression => ({
  UpdateExpression: `SET quantities.#product = if_not_exists(quantities.#product, :zero) + :quantity, ${TOUCH}`,
  ConditionExpression: `${IS_LIVE} AND ${WITHIN_LIMITS}`,
  ExpressionAttributeNames: { "#product": String(product_id) },
  ExpressionAttributeValues: {
    ...touchValues(now),
    ":zero": 0,
    ":quantity": quantity,
    ":room": MAX_LINE_QUANTITY - quantity,
    ":max_lines": MAX_LINES,
  },
});

/** Starts a cart where there is none or only an expired one. */
export const startCart = (lines: readonly StockLine[], now: number): CartExpression => ({
  UpdateExpression: `SET quantities = :quantities, ${TOUCH}`,
  ConditionExpression: IS_GONE,
  ExpressionAttributeValues: {
    ...touchValues(now),
    ":quantities": Object.fromEntries(
      lines.map(({ product_id, quantity }) => [String(product_id), quantity]),
    ),
  },
});

/** Sets the quantity of a product that is in the cart. */
export const setPieces = ({ product_id, quantity }: StockLine, now: number): CartExpression => ({
  UpdateExpression: `SET quantities.#product = :quantity, ${TOUCH}`,
  ConditionExpression: `${IS_LIVE} AND attribute_exists(quantities.#product)`,
  ExpressionAttributeNames: { "#product": String(product_id) },
  ExpressionAttributeValues: { ...touchValues(now), ":quantity": quantity },
});

export const removeLine = (productId: number, now: number): CartExpression => ({
  UpdateExpression: `REMOVE quantities.#product SET ${TOUCH}`,
  ConditionExpression: `${IS_LIVE} AND attribute_exists(quantities.#product)`,
  ExpressionAttributeNames: { "#product": String(productId) },
  ExpressionAttributeValues: touchValues(now),
});

/** Empties the cart for an order, if it is still the one that was read. */
export const takeCart = (version: number, now: number): CartExpression => ({
  UpdateExpression: `SET quantities = :none, ${TOUCH}`,
  ConditionExpression: "version = :version AND expires_at > :now",
  ExpressionAttributeValues: {
    ...touchValues(now),
    ":none": {},
    ":version": version,
  },
});

/**
 * Gives an order's lines back to a live cart, beside what was added meanwhile. The limits do not apply:
 * refusing would lose what the customer had chosen.
 */
export const restoreLines = (lines: readonly StockLine[], now: number): CartExpression => ({
  UpdateExpression: `SET ${lines
    .map((_, i) => `quantities.#p${i} = if_not_exists(quantities.#p${i}, :zero) + :q${i}`)
    .join(", ")}, ${TOUCH}`,
  ConditionExpression: IS_LIVE,
  ExpressionAttributeNames: Object.fromEntries(
    lines.map(({ product_id }, i) => [`#p${i}`, String(product_id)]),
  ),
  ExpressionAttributeValues: {
    ...touchValues(now),
    ":zero": 0,
    ...Object.fromEntries(lines.map(({ quantity }, i) => [`:q${i}`, quantity])),
  },
});
