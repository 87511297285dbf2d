import { expect, vi } from "vitest";
import type { clientOf } from "./shop-client.ts";

/**
 * A customer's whole way through a shop with a catalogue: browse, search, fill a cart, pay, and see the order
 * fulfilled.
 */
export const buyUntilFulfilled = async (client: ReturnType<typeof clientOf>, user: string): Promise<void> => {
  const page = await client.get("/products?limit=5");
  expect(page.body.products).toHaveLength(5);
  const product_id = page.body.products[0].product_id;
  await vi.waitFor(async () => expect((await client.get("/products/search?q=a")).status).toBe(200), 10_000);
  const before = (await client.get(`/products/${product_id}/stock`)).body;

  const cart = await client.post(`/cart/${user}/items`, { product_id, quantity: 2 });
  expect(cart.body.items).toMatchObject([{ product_id, quantity: 2 }]);
  const order = await client.post(`/cart/${user}/checkout`);
  expect(order.status).toBe(201);
  expect(order.body.order.total).toBe(cart.body.total);

  const confirmedAt = Date.parse(order.body.order.updated_at);
  const fulfilled = await vi.waitFor(
    async () => {
      const { body } = await client.get(`/orders/${order.body.order_id}`);
      expect(body.status).toBe("fulfilled");
      return body;
    },
    { timeout: 5_000, interval: 20 },
  );
  expect(Date.parse(fulfilled.updated_at) - confirmedAt).toBeLessThan(1_000);
  const stock = await client.get(`/products/${product_id}/stock`);
  expect(stock.body).toMatchObject({ available: before.available - 2, reserved: 0, sold: before.sold + 2 });
  expect((await client.get(`/orders?user_id=${user}`)).body.orders).toEqual([fulfilled]);
};
