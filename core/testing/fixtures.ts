import { GetCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { detailsOf } from "../../loadtest/harness/product-details.ts";
import { addToCart } from "../cart/cart.ts";
import { putProduct } from "../catalog/catalog.ts";
import type { Shop } from "../shop.ts";
import { setStock } from "../stock/stock.ts";
import { openShop } from "./open-shop.ts";
import { patientConfig } from "./patient-config.ts";

/**
 * A shop on the test file's own tables, with a clock that can be put forward.
 *
 * @param options.clock milliseconds; the real time unless given
 * @param options.paymentTimeout milliseconds; short where a test waits for it to pass
 */
export const openTestShop = ({
  paymentTimeout = 10_000,
  clock = Date.now,
} = {}): Shop & { advance: (ms: number) => void } => {
  let ahead = 0;
  const config = patientConfig();
  const payment = { ...config.payment, timeout: paymentTimeout };
  const shop = openShop({ ...config, payment }, () => clock() + ahead);
  return Object.assign(shop, {
    advance: (ms: number) => {
      ahead += ms;
    },
  });
};

let lastId = 1_000_000;

/** A new product with this stock; its product number. */
export const stockedProduct = async (shop: Shop, available: number, price = 19.99): Promise<number> => {
  const id = (lastId += 1);
  await putProduct(shop, detailsOf(id, { name: `Product ${id}`, price }));
  await setStock(shop, id, { available });
  return id;
};

let lastUser = 0;

/** A new user with these lines in the cart: pairs of product number and quantity. */
export const userWithCart = async (
  shop: Shop,
  ...lines: [productId: number, quantity: number][]
): Promise<string> => {
  const userId = `user-${(lastUser += 1)}`;
  for (const [product_id, quantity] of lines) await addToCart(shop, userId, { product_id, quantity });
  return userId;
};

/** The simulated processor's book entry for an order. */
export const chargeOf = async (shop: Shop, orderId: string): Promise<Record<string, unknown> | undefined> => {
  const { Item } = await shop.db.send(
    new GetCommand({ TableName: shop.tables.charges, Key: { charge_key: orderId }, ConsistentRead: true }),
  );
  return Item;
};

export const allItems = async (
  shop: Shop,
  table: keyof Shop["tables"],
): Promise<Record<string, unknown>[]> => {
  const { Items = [] } = await shop.db.send(
    new ScanCommand({ TableName: shop.tables[table], ConsistentRead: true }),
  );
  return Items;
};
