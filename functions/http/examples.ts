import { EXAMPLE_ORDER_ID } from "../../core/order/order.ts";

export const EXAMPLE_REQUEST_ID = "4be1d2a6-9f1c-4f7b-9a55-0d6f3f6f6f5e";

const details = {
  product_id: 42,
  sku: "SKU-000042",
  manufacturer: "Northwind",
  category_id: 7,
  weight: 350,
  some_other_id: 1,
  name: "Oak desk lamp",
  category: "Lighting",
  description: "A lamp for late readers.",
  price: 19.99,
};
const product = { ...details, id: 42, brand: "Northwind", version: 1 };
const line = { product_id: 42, quantity: 2, price: 19.99 };
const order = {
  order_id: EXAMPLE_ORDER_ID,
  user_id: "alice",
  items: [line],
  total: 39.98,
  status: "confirmed",
  created_at: "2026-11-22T15:04:05.120Z",
  updated_at: "2026-11-22T15:04:05.143Z",
};
const payment = {
  transaction_id: "txn_01JD8Z7V5N9QK3T2W4X6Y8ZABC",
  status: "approved",
  amount: 39.98,
  processed_at: "2026-11-22T15:04:05.140Z",
  attempts: 1,
};

/** The same purchase while the payment service does not answer. */
export const PENDING_CHECKOUT = {
  order_id: EXAMPLE_ORDER_ID,
  order: { ...order, status: "pending_payment" },
  payment: { ...payment, transaction_id: null, status: "pending", processed_at: null },
  recovery_applied: true,
  recovery_details: "The charge is not settled yet; it is settled later, exactly once",
};

/** One purchase told from end to end: an example for each schema of the document that has a name. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  Product: product,
  ProductDetails: details,
  HotProduct: { ...product, hot: { pinned: true, reads: 1_200 } },
  Stock: { product_id: 42, available: 998, reserved: 2, sold: 40 },
  StockLevel: { available: 1_000 },
  Line: line,
  CartLine: line,
  NewLine: { product_id: 42, quantity: 2 },
  LineQuantity: { quantity: 3 },
  Cart: {
    user_id: "alice",
    items: [line],
    total: 39.98,
    updated_at: "2026-11-22T15:03:58.006Z",
    version: 3,
  },
  CheckoutRequest: { payment_method: "pm_card_visa" },
  Order: order,
  Payment: payment,
  RequiredAction: { client_secret: "pi_3Qx8_secret_5Kd0" },
  StripeEvent: {
    id: "evt_1Qx8Lk2eZvKYlo2C",
    type: "payment_intent.succeeded",
    data: { object: { id: "pi_3Qx8", metadata: { order_id: EXAMPLE_ORDER_ID } } },
  },
  Checkout: { order_id: EXAMPLE_ORDER_ID, order, payment, recovery_applied: false },
  Error: {
    error: "PRODUCT_NOT_FOUND",
    message: "There is no product 42",
    request_id: EXAMPLE_REQUEST_ID,
    retryable: false,
  },
};
