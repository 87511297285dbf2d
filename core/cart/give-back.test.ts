import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { openTestShop } from "../testing/fixtures.ts";
import { readCart } from "./cart.ts";
import {
  type CartExpression,
  type CartItem,
  giveBack,
  linesOf,
  liveCart,
  MAX_LINE_QUANTITY,
  MAX_LINES,
} from "./cart-item.ts";
import { cartUpdate } from "./change.ts";

const shop = openTestShop();
const piecesOf = (...quantities: number[]) =>
  quantities.map((quantity, i) => ({ product_id: i + 1, quantity }));
const cartOf = (quantities: Record<number, number>): CartItem => ({
  user_id: "ann",
  quantities,
  updated_at: "",
  version: 1,
  expires_at: 1_000,
});
const leftOf = (cart: CartItem | undefined, lines: ReturnType<typeof piecesOf>) =>
  giveBack(cart, lines, shop.now()).left;

test("lines come in the order of their product numbers", () => {
  expect(linesOf(cartOf({ 10: 1, 2: 3, 30: 2 })).map(({ product_id }) => product_id)).toEqual([2, 10, 30]);
});

test("a cart has ended in the second of its expiry", () => {
  const cart = cartOf({ 1: 1 });
  expect(liveCart(cart, 999_999)).toBe(cart);
  expect(liveCart(cart, 1_000_000)).toBeUndefined();
});

describe("a cart that gets lines back", () => {
  test("leaves nothing out where all has room, to the last piece", () => {
    expect(leftOf(undefined, piecesOf(1, MAX_LINE_QUANTITY))).toEqual([]);
    expect(leftOf(cartOf({ 1: MAX_LINE_QUANTITY - 3 }), piecesOf(3))).toEqual([]);
  });

  test("leaves out the pieces that a line has no room for", () => {
    const cart = cartOf({ 1: MAX_LINE_QUANTITY - 3, 2: MAX_LINE_QUANTITY });
    expect(leftOf(cart, piecesOf(5, 4))).toEqual([
      { product_id: 1, quantity: 2 },
      { product_id: 2, quantity: 4 },
    ]);
  });

  test("leaves out the lines that it has no room for, and not those that it has already", () => {
    const others = Array.from({ length: MAX_LINES - 2 }, (_, i) => [1_000 + i, 1]);
    const cart = cartOf({ ...Object.fromEntries(others), 2: 1 });
    expect(leftOf(cart, piecesOf(1, 1, 1))).toEqual([{ product_id: 3, quantity: 1 }]);
  });
});

describe("the change that gives lines back", () => {
  const sendFor = (user: string) => (change: CartExpression) =>
    shop.db.send(new UpdateCommand(cartUpdate(shop, user, change)));

  /** A cart that gets pieces back when it has grown since it was read. */
  const given = async (user: string, has: number, quantity: number, grownTo: number) => {
    const send = sendFor(user);
    await send(giveBack(undefined, piecesOf(has), shop.now()).change);
    const { change, left } = giveBack(await readCart(shop, user), piecesOf(quantity), shop.now());
    expect(left).toEqual([]);
    await send(giveBack(await readCart(shop, user), piecesOf(grownTo - has), shop.now()).change);
    await send(change);
    return linesOf(await readCart(shop, user));
  };

  test("is made as long as the line has room by then", async () => {
    expect(await given("give-1", 1, 2, MAX_LINE_QUANTITY - 2)).toEqual(piecesOf(MAX_LINE_QUANTITY));
  });

  test("is refused once the line has grown beyond that", async () => {
    await expect(given("give-2", 1, 2, MAX_LINE_QUANTITY - 1)).rejects.toThrow(
      ConditionalCheckFailedException,
    );
    expect(linesOf(await readCart(shop, "give-2"))).toEqual(piecesOf(MAX_LINE_QUANTITY - 1));
  });

  test("with a new line is refused once the cart has as many as it may", async () => {
    const full = Array.from({ length: MAX_LINES - 1 }, (_, i) => ({ product_id: 100 + i, quantity: 1 }));
    const send = sendFor("give-3");
    await send(giveBack(undefined, full, shop.now()).change);
    const cart = await readCart(shop, "give-3"); // As both see it.
    const one = (product_id: number) => giveBack(cart, [{ product_id, quantity: 1 }], shop.now()).change;
    await send(one(1)); // The last line that fits.
    await expect(send(one(2))).rejects.toThrow(ConditionalCheckFailedException);
    expect(linesOf(await readCart(shop, "give-3"))).toHaveLength(MAX_LINES);
  });
});
