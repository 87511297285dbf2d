/**
 * A customer who buys nothing: calls the shop from outside every minute, so that trouble shows when there is no other
 * traffic. It works on no table, and knows only the shop's address.
 */
import type { ScheduledEvent } from "aws-lambda";

const STEP_TIMEOUT_MS = 5_000;
/** Declined by the simulated processor: the order ends, its stock goes back, the cart is as before. */
const DECLINED_CARD = "pm_card_chargeDeclined";

interface Product {
  readonly product_id: number;
  readonly price?: number;
}

type Step = (
  method: string,
  path: string,
  expected: number,
  request?: { token?: string; body?: object },
) => Promise<{ status: number; body: Record<string, unknown> }>;

/** @throws Error naming the step, with what the shop has answered */
const stepsOf =
  (url: string): Step =>
  async (method, path, expected, { token, body } = {}) => {
    const step = `${method} ${path}`;
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(token && { "x-cart-token": token }),
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(STEP_TIMEOUT_MS),
    }).catch((error: Error) => {
      throw new Error(`${step}: ${error.message}`);
    });
    const text = await response.text();
    if (response.status !== expected && !(expected === 201 && response.status === 403)) {
      throw new Error(`${step}: ${response.status} in place of ${expected}: ${text.slice(0, 300)}`);
    }
    return { status: response.status, body: text ? JSON.parse(text) : {} };
  };

export interface CanaryReport {
  /** The product that it tried. */
  readonly product: number;
  /** `browsed` in a shop without guests: nobody else can have a cart here. */
  readonly outcome: "bought and cancelled" | "filled a cart" | "browsed";
}

/**
 * Reads products, buys one with a card that is declined, and leaves the cart as it was.
 *
 * @param buys false where a real processor charges, which has no card to decline
 * @throws Error at the first step that does not go as it should
 */
export const buyAndCancel = async (url: string, buys = true): Promise<CanaryReport> => {
  const step = stepsOf(url);
  const { body: listed } = await step("GET", "/products?limit=20", 200);
  const product = (listed.products as Product[]).find(({ price }) => price !== undefined);
  if (!product) throw new Error("GET /products?limit=20: nothing is for sale");
  const { product_id: id } = product;
  await step("GET", `/products/${id}`, 200);
  const { status, body: guest } = await step("POST", "/guests", 201);
  if (status === 403) return { product: id, outcome: "browsed" };

  const cart = `/cart/${guest.user_id}`;
  const token = String(guest.cart_token);
  await step("POST", `${cart}/items`, 200, { token, body: { product_id: id, quantity: 1 } });
  if (buys) await step("POST", `${cart}/checkout`, 402, { token, body: { payment_method: DECLINED_CARD } });
  const { body: kept } = await step("GET", cart, 200, { token });
  if (!(kept.items as Product[]).some(({ product_id }) => product_id === id)) {
    throw new Error(`GET ${cart}: the cart was not restored`);
  }
  await step("DELETE", `${cart}/items/${id}`, 200, { token });
  return { product: id, outcome: buys ? "bought and cancelled" : "filled a cart" };
};

export const handler = async (_event: ScheduledEvent): Promise<CanaryReport> => {
  const { CANARY_URL, CANARY_BUYS } = process.env;
  if (!CANARY_URL) throw new Error("CANARY_URL is not set");
  return buyAndCancel(CANARY_URL, CANARY_BUYS !== "false");
};
