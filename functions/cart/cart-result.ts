import { type CartChange, cartSchema } from "../../core/cart/cart.ts";
import { jsonResult, type Result } from "../middleware/result.ts";

/** The answer of a route that changes a cart. */
export const changedCart = {
  description: "The cart after the change",
  schema: cartSchema,
  headers: {
    "Idempotency-Replayed":
      "`true` after an inner retry of a change that had been made: the cart may show later changes",
  },
};

export const changedCartResult = ({ cart, isReplayed }: CartChange): Result =>
  jsonResult(200, cart, isReplayed ? { "idempotency-replayed": "true" } : {});
