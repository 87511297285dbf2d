import { expect, vi } from "vitest";
import type { clientOf } from "./shop-client.ts";

type Client = ReturnType<typeof clientOf>;

const PATIENCE = { timeout: 60_000, interval: 20 };
const PIECES = 2;
/** From an order's confirmation to its fulfilment. */
const PROMPT_MS = 1_000;
/** A machine that stalls delays one order or another, but hardly five in a row. */
const MOST_ORDERS = 5;

/**
 * A customer's whole way through a shop with a catalogue: browse, search, fill a cart, pay, and see the order
 * fulfilled; again, while the fulfilment comes late.
 *
 * @returns how many orders were placed
 */
export const buyUntilFulfilled = async (client: Client, user: string): Promise<number> => {
  const page = await client.get("/products?limit=5");
  expect(page.body.products).toHaveLength(5);
  const product_id = page.body.products[0].product_id;
  await vi.waitFor(async () => expect((await client.get("/products/search?q=a")).status).toBe(200), PATIENCE);
  const before = (await client.get(`/products/${product_id}/stock`)).body;

  const orders: unknown[] = [];
  let delayMs = Number.POSITIVE_INFINITY;
  while (delayMs >= PROMPT_MS && orders.length < MOST_ORDERS) {
    const bought = await buy(client, user, product_id);
    orders.unshift(bought.fulfilled);
    delayMs = bought.delayMs;
  }
  expect(delayMs).toBeLessThan(PROMPT_MS);
  const stock = await client.get(`/products/${product_id}/stock`);
  const sold = PIECES * orders.length;
  expect(stock.body).toMatchObject({
    available: before.available - sold,
    reserved: 0,
    sold: before.sold + sold,
  });
  expect((await client.get(`/orders?user_id=${user}`)).body.orders).toEqual(orders);
  return orders.length;
};

const buy = async (client: Client, user: string, product_id: number) => {
  const cart = await client.post(`/cart/${user}/items`, { product_id, quantity: PIECES });
  expect(cart.body.items).toMatchObject([{ product_id, quantity: PIECES }]);
  const order = await client.post(`/cart/${user}/checkout`);
  expect(order.status).toBe(201);
  expect(order.body.order.total).toBe(cart.body.total);

  const fulfilled = await vi.waitFor(async () => {
    const { body } = await client.get(`/orders/${order.body.order_id}`);
    expect(body.status).toBe("fulfilled");
    return body;
  }, PATIENCE);
  const delayMs = Date.parse(fulfilled.updated_at) - Date.parse(order.body.order.updated_at);
  return { fulfilled, delayMs };
};
