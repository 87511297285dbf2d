import { expect, test, vi } from "vitest";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { readOverdue } from "./backlog.ts";
import { checkout } from "./checkout.ts";
import { bucketsOf } from "./unfinished.ts";

const ORDERS = 12;
const shop = openTestShop();

test("all overdue orders are read, however small DynamoDB's pages are", async () => {
  const product = await stockedProduct(shop, 50);
  const placed: string[] = [];
  for (let n = 0; n < ORDERS; n++) {
    const userId = await userWithCart(shop, [product, 1]);
    placed.push((await checkout(shop, { userId, paymentMethod: "pm_card_visa" })).order.order_id);
  }
  expect(await readOverdue(shop)).toEqual([]);
  shop.advance(shop.config.fulfilment.grace + 1);
  const { send } = shop.db;
  const paging = vi.spyOn(shop.db, "send").mockImplementation(((command: { input: object }) => {
    Object.assign(command.input, { Limit: 2 });
    return send(command as never);
  }) as typeof send);
  const overdue = await readOverdue(shop);
  const pages = paging.mock.calls.length;
  paging.mockRestore();
  expect(overdue.toSorted()).toEqual(placed.toSorted());
  expect(pages).toBeGreaterThan(bucketsOf("fulfilment").length);
});
