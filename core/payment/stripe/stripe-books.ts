import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Database } from "../../storage/database.ts";

interface Line {
  readonly charge_key: string;
  readonly attempts: number;
  readonly intent_id?: string;
  /** Why the processor refused the charge, where no intent tells. */
  readonly decline_code?: string;
}

/** In the place of an intent: the key is never to be charged. */
export const NONE = "none";

export type StripeBooks = ReturnType<typeof openStripeBooks>;

/**
 * The one intent of each key. Stripe forgets idempotency keys after a day, and an order may wait for longer; an intent
 * is confirmed only once it stands here, so that no key is ever charged by two of them.
 */
export const openStripeBooks = (db: Database, table: string) => {
  const update = async (key: string, change: object): Promise<Line> => {
    const { Attributes } = await db.repeat(
      new UpdateCommand({ TableName: table, Key: { charge_key: key }, ReturnValues: "ALL_NEW", ...change }),
    );
    return Attributes as Line;
  };
  return {
    /** Notes that the processor is asked about the key once more. */
    countAttempt: async (key: string) => {
      const line = await update(key, {
        UpdateExpression: "ADD attempts :one",
        ExpressionAttributeValues: { ":one": 1 },
      });
      return { attempts: line.attempts, intentId: line.intent_id, refusal: line.decline_code };
    },
    /** @returns the intent that is the key's: this one, or the one that was first */
    agreeOn: async (key: string, intentId: string): Promise<string> => {
      const line = await update(key, {
        UpdateExpression: "SET intent_id = if_not_exists(intent_id, :id)",
        ExpressionAttributeValues: { ":id": intentId },
      });
      return line.intent_id ?? intentId;
    },
    /** Notes that the charge is refused. @returns the key's intent, or that it has none, and never will */
    refuse: async (key: string, declineCode: string): Promise<string> => {
      const line = await update(key, {
        UpdateExpression:
          "SET intent_id = if_not_exists(intent_id, :none), decline_code = if_not_exists(decline_code, :code)",
        ExpressionAttributeValues: { ":none": NONE, ":code": declineCode },
      });
      return line.intent_id ?? NONE;
    },
  };
};
