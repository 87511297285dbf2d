// biome-ignore-all lint/style/noExcessiveLinesPerFile: one processor with its book
import { setTimeout as sleep } from "node:timers/promises";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { ulid } from "ulid";
import type { Database } from "../storage/database.ts";
import {
  type ChargeRequest,
  type PaymentGateway,
  PaymentGatewayError,
  type RefundResult,
} from "./gateway.ts";
import { type ChargeRecord, replay, resultOf } from "./simulated-charge.ts";

const DECLINE_CODES: Readonly<Record<string, string>> = {
  pm_card_chargeDeclined: "card_declined",
  pm_card_chargeDeclinedInsufficientFunds: "insufficient_funds",
};

/** Methods whose failures were asked for. */
const FAILING_METHODS = new Set(["pm_processor_down", "pm_timeout_after_charge", "pm_timeout_before_charge"]);

export interface SimulatedGatewayOptions {
  readonly db: Database;
  readonly table: string;
  /** Median latency in milliseconds; single answers vary from half to twice of it. */
  readonly latency: number;
  readonly now: () => number;
}

/**
 * A stand-in for a payment processor that behaves like one: it keeps its own books, remembers idempotency
 * keys across restarts of the shop, takes its time, declines, fails and goes silent. Being asked again with
 * a known key it repeats its answer; it refuses a known key for another amount or method.
 */
export const openSimulatedGateway = ({
  db,
  table,
  latency,
  now,
}: SimulatedGatewayOptions): PaymentGateway => {
  const update = async (key: string, change: object): Promise<ChargeRecord> => {
    // Made twice it may count an attempt twice; the outcome is decided once.
    const { Attributes } = await db.repeat(
      new UpdateCommand({
        TableName: table,
        Key: { charge_key: key },
        ReturnValues: "ALL_NEW",
        ...change,
      }),
    );
    return Attributes as ChargeRecord;
  };

  const countAttempt = (key: string): Promise<ChargeRecord> =>
    update(key, {
      UpdateExpression: "ADD attempts :one",
      ExpressionAttributeValues: { ":one": 1 },
    });

  /**
   * Decides the key once; a later caller gets the first decision.
   *
   * @param asked 1 where this is an attempt that nothing has counted yet, else 0
   */
  const decide = async (
    key: string,
    decision: Omit<ChargeRecord, "charge_key" | "attempts">,
    asked: 0 | 1,
  ): Promise<ChargeRecord> => {
    const fields = Object.entries({
      ...decision,
      processed_at: new Date(now()).toISOString(),
    });
    try {
      return await update(key, {
        UpdateExpression: `SET ${fields.map((_, i) => `#f${i} = :f${i}`).join(", ")} ADD attempts :asked`,
        ConditionExpression: "attribute_not_exists(outcome)",
        ExpressionAttributeNames: Object.fromEntries(fields.map(([name], i) => [`#f${i}`, name])),
        ExpressionAttributeValues: {
          ...Object.fromEntries(fields.map(([, value], i) => [`:f${i}`, value])),
          ":asked": asked,
        },
      });
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return countAttempt(key);
      throw error;
    }
  };

  const think = (signal: AbortSignal): Promise<void> =>
    sleep(latency * 2 ** (Math.random() * 2 - 1), undefined, { signal });

  const chargeKey = (request: ChargeRequest, asked: 0 | 1): Promise<ChargeRecord> => {
    const { idempotencyKey, amountCents, paymentMethod } = request;
    const declineCode = DECLINE_CODES[paymentMethod];
    const decision = {
      amount_cents: amountCents,
      payment_method: paymentMethod,
      ...(declineCode
        ? ({ outcome: "declined", decline_code: declineCode } as const)
        : ({ outcome: "approved", transaction_id: `txn_${ulid(now())}` } as const)),
    };
    return decide(idempotencyKey, decision, asked);
  };

  const refundKey = async (key: string): Promise<RefundResult> => {
    try {
      const { amount_cents: amountCents = 0 } = await update(key, {
        UpdateExpression: "SET refunded_at = if_not_exists(refunded_at, :now)",
        ConditionExpression: "outcome = :approved",
        ExpressionAttributeValues: { ":now": new Date(now()).toISOString(), ":approved": "approved" },
      });
      return { outcome: "refunded", amountCents };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { outcome: "uncharged" };
      throw error;
    }
  };

  /** Methods whose failures were asked for: which attempt it is decides what happens. */
  const chargeWithTrouble = async (request: ChargeRequest, signal: AbortSignal): Promise<ChargeRecord> => {
    const { idempotencyKey, paymentMethod } = request;
    const known = await countAttempt(idempotencyKey);
    await think(signal);
    if (known.outcome) return known;
    if (paymentMethod === "pm_processor_down")
      throw new PaymentGatewayError("unavailable", { isOutage: false });
    const isFirst = known.attempts === 1;
    if (isFirst && paymentMethod === "pm_timeout_before_charge") await silence(signal);
    const decided = await chargeKey(request, 0);
    if (isFirst && paymentMethod === "pm_timeout_after_charge") await silence(signal);
    return decided;
  };

  return {
    charge: (request, signal) => {
      const isProvoked = FAILING_METHODS.has(request.paymentMethod);
      return answering(signal, isProvoked, async () => {
        if (isProvoked) return replay(await chargeWithTrouble(request, signal), request);
        await think(signal);
        return replay(await chargeKey(request, 1), request);
      });
    },

    cancel: (key, signal) =>
      answering(signal, false, async () => {
        await think(signal);
        return resultOf(await decide(key, { outcome: "cancelled" }, 1));
      }),

    refund: (key, signal) =>
      answering(signal, false, async () => {
        await think(signal);
        return refundKey(key);
      }),

    ping: (signal) => answering(signal, false, () => think(signal)),
  };
};

/** An answer that never comes. */
const silence = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), {
      once: true,
    });
  });

/** Every cause that keeps the processor from answering is, to its caller, one of two failures. */
const answering = async <T>(signal: AbortSignal, isProvoked: boolean, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof PaymentGatewayError) throw cause;
    throw new PaymentGatewayError(signal.aborted ? "timeout" : "unavailable", {
      cause,
      isOutage: !isProvoked,
    });
  }
};
