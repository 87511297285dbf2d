import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { DomainError } from "../errors.ts";
import type { Shop } from "../shop.ts";
import type { SentUpdate } from "../storage/database.ts";
import { type CartExpression, type CartItem, liveCart, once } from "./cart-item.ts";
import { isApplied, isOvertaken, newOperation } from "./operation.ts";

/** How often a change is made anew because others changed the cart first. */
const MAX_ATTEMPTS = 8;

/** The update of one cart, with the expiry that every change renews. */
export const cartUpdate = (shop: Shop, userId: string, change: CartExpression) => ({
  ...change,
  TableName: shop.tables.carts,
  Key: { user_id: userId },
  UpdateExpression: change.UpdateExpression,
  ExpressionAttributeValues: {
    ...change.ExpressionAttributeValues,
    ":expires_at": Math.floor(shop.now() / 1000) + shop.config.cartTtlSeconds,
  },
});

type Outcome =
  | { readonly kind: "applied"; readonly cart: CartItem }
  | { readonly kind: "refused"; readonly by: CartItem | undefined };

const apply = async (
  shop: Shop,
  userId: string,
  change: CartExpression,
  sent: SentUpdate,
): Promise<Outcome> => {
  try {
    const { Attributes } = await shop.db.repeat(
      new UpdateCommand({
        ...cartUpdate(shop, userId, change),
        ReturnValues: "ALL_NEW",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
      sent,
    );
    return { kind: "applied", cart: Attributes as CartItem };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { kind: "refused", by: error.Item && (unmarshall(error.Item) as CartItem) };
  }
};

/** A cart after a change of it. */
export interface ChangedCart {
  readonly item: CartItem;
  /** The change had been made before, and its answer got lost: what others have changed since shows, too. */
  readonly isReplayed: boolean;
}

type ChangeFor = (seen: "live" | "none") => CartExpression | undefined;

/**
 * Changes a cart, exactly once however often the change has to be sent.
 *
 * @param changeFor the change of a cart that is `live`, or where there is `none`; undefined where there can't be one
 * @returns the cart after the change, or undefined when its condition did not hold
 * @throws DomainError `STORAGE_UNAVAILABLE` when it can't be known whether the change was made
 */
export const changeOnce = async (
  shop: Shop,
  userId: string,
  changeFor: ChangeFor,
): Promise<ChangedCart | undefined> => {
  const changed = await sendOnce(shop, userId, changeFor);
  if (changed) shop.lastCarts.remember(userId, changed.item);
  return changed;
};

const sendOnce = async (
  shop: Shop,
  userId: string,
  changeFor: ChangeFor,
): Promise<ChangedCart | undefined> => {
  let seen: "live" | "none" = "live";
  let operation = newOperation(shop.now());
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const change = changeFor(seen);
    if (!change) return undefined;
    const sent: SentUpdate = {};
    const outcome = await apply(shop, userId, once(operation, change), sent);
    if (outcome.kind === "applied") return { item: outcome.cart, isReplayed: false };
    const { by } = outcome;
    if (by && isApplied(by, operation)) return { item: by, isReplayed: true };
    const isLive = liveCart(by, shop.now()) !== undefined;
    if (isOvertaken(by, operation)) {
      if (sent.mayBeMade) throw unknownOutcome();
      operation = newOperation(shop.now(), by);
    } else if (isLive === (seen === "live")) return undefined;
    seen = isLive ? "live" : "none";
  }
  return undefined;
};

const unknownOutcome = () =>
  new DomainError("STORAGE_UNAVAILABLE", "Storage does not answer; whether a write arrived is not known", {
    retryAfterSeconds: 1,
  });
