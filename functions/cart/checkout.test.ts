import { expect, test } from "vitest";
import { stockedProduct, userWithCart } from "../../core/testing/fixtures.ts";
import { startServer } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";

const { url } = startServer();

interface Body {
  readonly order_id?: string;
  readonly details?: unknown;
}

const checkOut = async (user: string, payment_method: string) => {
  const response = await fetch(`${url}/cart/${user}/checkout`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": "k" },
    body: JSON.stringify({ payment_method }),
  });
  return { response, body: (await response.json()) as Body };
};

test("a decline answers with its reason, and again under the same key", async () => {
  const user = await userWithCart(testShop(), [await stockedProduct(testShop(), 5), 1]);
  const first = await checkOut(user, "pm_card_chargeDeclinedInsufficientFunds");
  expect(first.response.status).toBe(402);
  expect(first.body).toMatchObject({
    error: "PAYMENT_DECLINED",
    message: "The payment was declined: insufficient_funds",
    details: { decline_code: "insufficient_funds", order_status: "payment_failed" },
  });
  expect(first.response.headers.get("idempotency-replayed")).toBeNull();
  const again = await checkOut(user, "pm_card_chargeDeclinedInsufficientFunds");
  expect(again.response.headers.get("idempotency-replayed")).toBe("true");
  expect(again.body.details).toEqual(first.body.details);
});

test("an order answers with its place, and again under the same key", async () => {
  const user = await userWithCart(testShop(), [await stockedProduct(testShop(), 5), 1]);
  const first = await checkOut(user, "pm_card_visa");
  expect(first.response.status).toBe(201);
  expect(first.response.headers.get("location")).toBe(`/orders/${first.body.order_id}`);
  const again = await checkOut(user, "pm_card_visa");
  expect(again.response.status).toBe(201);
  expect(again.response.headers.get("idempotency-replayed")).toBe("true");
  expect(again.body).toEqual(first.body);
});
