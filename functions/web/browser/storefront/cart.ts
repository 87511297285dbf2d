import { signal } from "@preact/signals";
import type { Schemas } from "../../client/client.ts";
import { answerOf, shop } from "../ui/shop.ts";

export type Cart = Schemas["Cart"];
export type Product = Schemas["Product"];
export type Order = Schemas["Order"];

const KEY = "stampede-guest";

const newGuest = (): string => `guest-${crypto.randomUUID().slice(0, 13)}`;

/** The guest of this browser. */
export const guest = ((): string => {
  const known = localStorage.getItem(KEY);
  if (known) return known;
  const made = newGuest();
  localStorage.setItem(KEY, made);
  return made;
})();

const path = { userId: guest };

/** As the shop last told it; undefined until then. */
export const cart = signal<Cart | undefined>(undefined);

export const pieces = (): number =>
  (cart.value?.items ?? []).reduce((sum, { quantity }) => sum + quantity, 0);

/** Answers may overtake one another: an older cart never replaces a newer one. */
const show = (next: Cart): void => {
  if (next.version >= (cart.value?.version ?? 0)) cart.value = next;
};

export const readCart = async (signal?: AbortSignal): Promise<Cart> => {
  const read = await answerOf(shop.GET("/cart/{userId}", { params: { path }, ...(signal && { signal }) }));
  show(read);
  return read;
};

export const addToCart = async (productId: number, quantity: number): Promise<void> => {
  const body = { product_id: productId, quantity };
  show(await answerOf(shop.POST("/cart/{userId}/items", { params: { path }, body })));
};

/** 0 takes the product out. */
export const setQuantity = async (productId: number, quantity: number): Promise<void> => {
  const params = { path: { ...path, productId } };
  show(await answerOf(shop.PUT("/cart/{userId}/items/{productId}", { params, body: { quantity } })));
};

export type PaymentMethod = NonNullable<Schemas["CheckoutRequest"]["payment_method"]>;

/** @param key the same for every attempt at one purchase: the shop charges it once */
export const checkOut = async (method: PaymentMethod, key: string) =>
  answerOf(
    shop.POST("/cart/{userId}/checkout", {
      params: { path, header: { "Idempotency-Key": key } },
      body: { payment_method: method },
    }),
  );
