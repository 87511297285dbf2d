import { signal } from "@preact/signals";
import type { Schemas } from "../../client/client.ts";
import { answerOf, shop } from "../ui/shop.ts";
import { asCustomer } from "./customer.ts";

export type Cart = Schemas["Cart"];
export type Product = Schemas["Product"];
export type Order = Schemas["Order"];

/** As the shop last told it; undefined until then. */
export const cart = signal<Cart | undefined>(undefined);

export const pieces = (): number =>
  (cart.value?.items ?? []).reduce((sum, { quantity }) => sum + quantity, 0);

/** Answers may overtake one another: an older cart never replaces a newer one of the same customer. */
const show = (next: Cart): void => {
  const shown = cart.value;
  if (next.user_id !== shown?.user_id || next.version >= shown.version) cart.value = next;
};

export const readCart = (signal?: AbortSignal): Promise<Cart> =>
  asCustomer(async (userId) => {
    const read = await answerOf(
      shop.GET("/cart/{userId}", { params: { path: { userId } }, ...(signal && { signal }) }),
    );
    show(read);
    return read;
  });

export const addToCart = (productId: number, quantity: number): Promise<void> =>
  asCustomer(async (userId) => {
    const body = { product_id: productId, quantity };
    show(await answerOf(shop.POST("/cart/{userId}/items", { params: { path: { userId } }, body })));
  });

/** 0 takes the product out. */
export const setQuantity = (productId: number, quantity: number): Promise<void> =>
  asCustomer(async (userId) => {
    const params = { path: { userId, productId } };
    show(await answerOf(shop.PUT("/cart/{userId}/items/{productId}", { params, body: { quantity } })));
  });

export type PaymentMethod = NonNullable<Schemas["CheckoutRequest"]["payment_method"]>;

/** @param key the same for every attempt at one purchase: the shop charges it once */
export const checkOut = (method: PaymentMethod, key: string) =>
  asCustomer((userId) =>
    answerOf(
      shop.POST("/cart/{userId}/checkout", {
        params: { path: { userId }, header: { "Idempotency-Key": key } },
        body: { payment_method: method },
      }),
    ),
  );

/** For another customer. */
export const forgetCart = (): void => {
  cart.value = undefined;
};
