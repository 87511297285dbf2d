import type { OrderItem } from "../order/order.ts";

/** An order of two pieces as it is stored while its payment is open; in no table. */
export const STORED_ORDER: OrderItem = {
  order_id: "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC",
  user_id: "alice",
  lines: [{ product_id: 7, quantity: 2, price_cents: 1_999 }],
  reservations: [{ product_id: 7, shard: 0, quantity: 2 }],
  total_cents: 3_998,
  status: "pending_payment",
  payment_method: "pm_card_visa",
  created_at: "2026-11-27T09:59:59.000Z",
  updated_at: "2026-11-27T09:59:59.000Z",
};
