/**
 * A customer who buys nothing: calls the shop from outside every minute, so that trouble shows when there is no other
 * traffic. It works on no table, and knows only the shop's address.
 */
import type { ScheduledEvent } from "aws-lambda";

const STEP_TIMEOUT_MS = 5_000;
/** Declined by the simulated processor: the order ends, its stock goes back, the cart is as before. */
const DECLINED_CARD = "pm_card_chargeDeclined";

/** Products that it tries to order before it calls the shop broken: some may be sold out. */
const MOST_TRIED = 5;

interface Product {
  readonly product_id: number;
  readonly price?: number;
}

type Step = (
  method: string,
  path: string,
  expected: readonly number[],
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
    if (!expected.includes(response.status)) {
      throw new Error(
        `${step}: ${response.status} in place of ${expected.join(" or ")}: ${text.slice(0, 300)}`,
      );
    }
    return { status: response.status, body: text ? JSON.parse(text) : {} };
  };

export interface CanaryReport {
  /** The product that it tried. */
  readonly product: number;
  /** `browsed` in a shop without guests: nobody else can have a cart here. */
  readonly outcome: "ordered, and was declined" | "filled a cart" | "browsed";
}

/** A guest's cart with one product in it. */
interface Guest {
  readonly cart: string;
  readonly token: string;
}

/** @returns false where the product is sold out */
const tryToOrder = async (step: Step, { cart, token }: Guest, id: number): Promise<boolean> => {
  const body = { payment_method: DECLINED_CARD };
  // 202: the processor has not answered in time, and recovery cancels the order.
  const { status, body: answer } = await step("POST", `${cart}/checkout`, [402, 202, 409], { token, body });
  if (status === 202) return true;
  if (status === 409 && answer.error !== "OUT_OF_STOCK") {
    throw new Error(`POST ${cart}/checkout: 409 ${answer.error} in place of 402`);
  }
  const { body: kept } = await step("GET", cart, [200], { token });
  if (!(kept.items as Product[]).some(({ product_id }) => product_id === id)) {
    throw new Error(`GET ${cart}: the cart was not restored`);
  }
  await step("DELETE", `${cart}/items/${id}`, [200], { token });
  return status === 402;
};

interface CanaryOptions {
  /** False where a real processor charges, which has no card to decline. */
  readonly orders?: boolean;
  /** The one to order; without, the first of the list that has a price and is not sold out. */
  readonly product?: number;
}

/** @returns the products that it may order, at least one */
const productsToTry = async (step: Step, product: number | undefined): Promise<Product[]> => {
  const path = product === undefined ? "/products?limit=20" : `/products/${product}`;
  const { body } = await step("GET", path, [200]);
  const found = product === undefined ? (body.products as Product[]) : [body as unknown as Product];
  const products = found.filter(({ price }) => price !== undefined);
  if (products.length === 0) throw new Error(`GET ${path}: nothing is for sale`);
  return products.slice(0, MOST_TRIED);
};

/**
 * Reads products, orders one with a card that is declined, and leaves the cart as it was. If one is sold out, it tries the
 * next.
 *
 * @throws Error at the first step that does not go as it should
 */
export const orderAndBeDeclined = async (
  url: string,
  { orders = true, product }: CanaryOptions = {},
): Promise<CanaryReport> => {
  const step = stepsOf(url);
  const products = await productsToTry(step, product);
  const [first] = products as [Product];
  await step("GET", `/products/${first.product_id}`, [200]);
  const { status, body: guest } = await step("POST", "/guests", [201, 403]);
  if (status === 403) return { product: first.product_id, outcome: "browsed" };

  const cart = `/cart/${guest.user_id}`;
  const token = String(guest.cart_token);
  for (const { product_id: id } of products) {
    await step("POST", `${cart}/items`, [200], { token, body: { product_id: id, quantity: 1 } });
    if (!orders) {
      await step("DELETE", `${cart}/items/${id}`, [200], { token });
      return { product: id, outcome: "filled a cart" };
    }
    if (await tryToOrder(step, { cart, token }, id))
      return { product: id, outcome: "ordered, and was declined" };
  }
  throw new Error(`POST ${cart}/checkout: all ${products.length} products that were tried are sold out`);
};

export const handler = async (_event: ScheduledEvent): Promise<CanaryReport> => {
  const { CANARY_URL, CANARY_ORDERS, CANARY_PRODUCT } = process.env;
  if (!CANARY_URL) throw new Error("CANARY_URL is not set");
  return orderAndBeDeclined(CANARY_URL, {
    orders: CANARY_ORDERS !== "false",
    ...(CANARY_PRODUCT && { product: Number(CANARY_PRODUCT) }),
  });
};
