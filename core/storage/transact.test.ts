import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import type { Database } from "./database.ts";
import { transact } from "./transact.ts";

/** The embedded engine serializes transactions and so cancels none by itself: these answers are injected. */
const cancelling = (...codes: string[]): Database => {
  const error = new TransactionCanceledException({
    message: "cancelled",
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
  return { send: () => Promise.reject(error) } as unknown as Database;
};

test("a refused condition is an answer by item", async () => {
  const refusals = await transact(cancelling("None", "ConditionalCheckFailed", "TransactionConflict"), []);
  expect(refusals?.map((refusal) => refusal?.Code)).toEqual([undefined, "ConditionalCheckFailed", undefined]);
});

test.for(["ValidationError", "TransactionConflict"])("%s is passed on", async (code) => {
  await expect(transact(cancelling(code, "None"), [])).rejects.toBeInstanceOf(TransactionCanceledException);
});
