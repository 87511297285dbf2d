import type { UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import type { StockLine } from "../stock/stock-line.ts";
import type { Operation, Remembered } from "./operation.ts";

/**
 * A cart as it is stored. Quantities live in a map keyed by product number, so that one update expression
 * changes one product's quantity without reading the cart first: concurrent changes can't lose each other.
 * Lines are emptied rather than deleted at checkout, so that `version` never repeats.
 */
export interface CartItem extends Remembered {
  readonly user_id: string;
  readonly quantities: Readonly<Record<string, number>>;
  readonly updated_at: string;
  readonly version: number;
  /** Epoch seconds. */
  readonly expires_at: number;
}

/**
 * Of a cart, and so of an order. Everything an order of this size does or undoes fits into one transaction.
 */
export const MAX_LINES = 50;
/** Of one line. */
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
/** Of a change that may be sent twice. */
const TOUCH_ONCE = `#op = :op, ${TOUCH}`;
const NOT_APPLIED = "(attribute_not_exists(#op) OR #op < :op)";
const WITHIN_LIMITS =
  "((attribute_exists(quantities.#product) AND quantities.#product <= :room)" +
  " OR (attribute_not_exists(quantities.#product) AND size(quantities) < :max_lines))";

const touchValues = (now: number) => ({
  ":updated_at": new Date(now).toISOString(),
  ":now": seconds(now),
  ":one": 1,
});

/** The change, remembered by the cart and refused a second time. */
export const once = ({ id, slot }: Operation, change: CartExpression): CartExpression => ({
  UpdateExpression: change.UpdateExpression?.replace(TOUCH, TOUCH_ONCE),
  ConditionExpression: `(${change.ConditionExpression}) AND ${NOT_APPLIED}`,
  ExpressionAttributeNames: { ...change.ExpressionAttributeNames, "#op": slot },
  ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ":op": id },
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

/** The lines of an order that a cart gets back, and those it has no room for. */
export interface GivenBack {
  readonly change: CartExpression;
  readonly left: readonly StockLine[];
}

/**
 * Gives an order's lines back to the cart, beside what was added meanwhile and within the cart's limits: what
 * is in the cart stays, and each line gets back as many pieces as there is room for.
 *
 * @param cart as it was read; the change refuses when there is less room by now. Other changes do not disturb it
 */
export const giveBack = (cart: CartItem | undefined, lines: readonly StockLine[], now: number): GivenBack => {
  const present = cart?.quantities ?? {};
  let newLines = MAX_LINES - Object.keys(present).length;
  const fitting: StockLine[] = [];
  const left: StockLine[] = [];
  for (const { product_id, quantity } of lines) {
    const before = present[product_id];
    const hasLine = fitting.length < MAX_LINES && (before !== undefined || newLines > 0);
    const fits = hasLine ? Math.max(0, Math.min(quantity, MAX_LINE_QUANTITY - (before ?? 0))) : 0;
    if (fits > 0) fitting.push({ product_id, quantity: fits });
    if (fits > 0 && before === undefined) newLines -= 1;
    if (fits < quantity) left.push({ product_id, quantity: quantity - fits });
  }
  return { change: cart ? addLines(present, fitting, now) : startCart(fitting, now), left };
};

/** Short names: DynamoDB takes expressions of at most 4,096 bytes, and this one grows with the lines. */
const addLines = (
  present: CartItem["quantities"],
  lines: readonly StockLine[],
  now: number,
): CartExpression => {
  const isNew = lines.map(({ product_id }) => present[product_id] === undefined);
  const newLines = isNew.filter(Boolean).length;
  const room = (i: number): string =>
    isNew[i] ? `(attribute_not_exists(#q.#${i}) OR #q.#${i} <= :r${i})` : `#q.#${i} <= :r${i}`;
  return {
    UpdateExpression: `SET ${lines.map((_, i) => `#q.#${i} = if_not_exists(#q.#${i}, :zero) + :q${i}, `).join("")}${TOUCH}`,
    ConditionExpression: [
      IS_LIVE,
      ...(newLines > 0 ? ["size(#q) <= :lines"] : []),
      ...lines.map((_, i) => room(i)),
    ].join(" AND "),
    ...(lines.length > 0 && {
      ExpressionAttributeNames: {
        "#q": "quantities",
        ...Object.fromEntries(lines.map(({ product_id }, i) => [`#${i}`, String(product_id)])),
      },
    }),
    ExpressionAttributeValues: {
      ...touchValues(now),
      ...(lines.length > 0 && { ":zero": 0 }),
      ...(newLines > 0 && { ":lines": MAX_LINES - newLines }),
      ...Object.fromEntries(
        lines.flatMap(({ quantity }, i) => [
          [`:q${i}`, quantity],
          [`:r${i}`, MAX_LINE_QUANTITY - quantity],
        ]),
      ),
    },
  };
};
