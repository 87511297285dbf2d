import { createHash } from "node:crypto";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Shop } from "../shop.ts";
import type { TransactItem } from "../storage/transact.ts";

const TTL_SECONDS = 24 * 60 * 60;

/** The checkout that a client's idempotency key stands for: one user's, with one payload. */
export interface IdempotencyClaim {
  readonly key: string;
  readonly fingerprint: string;
}

interface IdempotencyRecord {
  readonly idempotency_key: string;
  readonly fingerprint: string;
  readonly order_id: string;
  /** Epoch seconds. */
  readonly expires_at: number;
}

/** Keys are a user's own: two users may choose the same one. */
export const claimOf = (userId: string, clientKey: string, payload: object): IdempotencyClaim => ({
  key: `${userId}#${clientKey}`,
  fingerprint: createHash("sha256").update(JSON.stringify(payload)).digest("hex"),
});

/**
 * The order a claim already led to, if any.
 *
 * @throws DomainError `IDEMPOTENCY_MISMATCH` when the key was used with another payload
 */
export const findClaimedOrder = async (shop: Shop, claim: IdempotencyClaim): Promise<string | undefined> => {
  const { Item } = await shop.db.send(
    new GetCommand({
      TableName: shop.tables.idempotency,
      Key: { idempotency_key: claim.key },
      ConsistentRead: true,
    }),
  );
  const record = Item as IdempotencyRecord | undefined;
  if (!record || record.expires_at <= Math.floor(shop.now() / 1000)) return undefined;
  if (record.fingerprint !== claim.fingerprint) {
    throw new DomainError("IDEMPOTENCY_MISMATCH", "This Idempotency-Key was used with another payload");
  }
  return record.order_id;
};

/** Ties the key to the order, in the order's own transaction: a crash leaves both or neither. */
export const claimKey = (shop: Shop, claim: IdempotencyClaim, orderId: string): TransactItem => {
  const now = Math.floor(shop.now() / 1000);
  const record: IdempotencyRecord = {
    idempotency_key: claim.key,
    fingerprint: claim.fingerprint,
    order_id: orderId,
    expires_at: now + TTL_SECONDS,
  };
  return {
    Put: {
      TableName: shop.tables.idempotency,
      Item: record,
      ConditionExpression: "attribute_not_exists(idempotency_key) OR expires_at <= :now",
      ExpressionAttributeValues: { ":now": now },
    },
  };
};
