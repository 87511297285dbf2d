import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import type { Database } from "./database.ts";
import { transact } from "./transact.ts";

const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    message: "cancelled",
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

/** The embedded engine serializes transactions and so never reports a conflict: these answers are injected. */
const answering = (...answers: (Error | undefined)[]) => {
  const tokens: string[] = [];
  const send = async (command: { input: { ClientRequestToken: string } }) => {
    tokens.push(command.input.ClientRequestToken);
    const answer = answers.shift();
    if (answer) throw answer;
    return {};
  };
  return { db: { send, health: () => "up" } as unknown as Database, tokens };
};

test("conflicts and throttling are retried under the same token", async () => {
  const { db, tokens } = answering(
    cancelled("TransactionConflict", "None"),
    cancelled("None", "ProvisionedThroughputExceeded"),
  );
  expect(await transact(db, [])).toBeUndefined();
  expect(tokens).toHaveLength(3);
  expect(new Set(tokens).size).toBe(1);
});

test("conflicts that last are given up after three retries", async () => {
  const { db, tokens } = answering(...Array.from({ length: 9 }, () => cancelled("TransactionConflict")));
  await expect(transact(db, [])).rejects.toMatchObject({ code: "STORAGE_CONFLICT", retryAfterSeconds: 1 });
  expect(tokens).toHaveLength(4);
});

test("a refused condition is an answer by item, never retried", async () => {
  const { db, tokens } = answering(cancelled("None", "ConditionalCheckFailed", "TransactionConflict"));
  const refusals = await transact(db, []);
  expect(refusals?.map((refusal) => refusal?.Code)).toEqual([undefined, "ConditionalCheckFailed", undefined]);
  expect(tokens).toHaveLength(1);
});

test("what can't be helped by retrying is passed on", async () => {
  const { db, tokens } = answering(cancelled("ValidationError"));
  await expect(transact(db, [])).rejects.toBeInstanceOf(TransactionCanceledException);
  expect(tokens).toHaveLength(1);
});
