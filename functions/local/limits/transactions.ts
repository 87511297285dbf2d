import { type Answer, errorAnswer, type Output } from "./protocol.ts";

/** How long a token stands for its transaction. Source: TransactWriteItems, API reference. */
export const TOKEN_MS = 600_000;

interface Known {
  readonly payload: bigint | number;
  readonly until: number;
  /** Undefined while the transaction is going on. */
  output?: Output;
}

const CONFLICT = "Transaction is ongoing for the item";

export const conflictAnswer = (): Answer => errorAnswer("TransactionConflictException", CONFLICT);

export interface Reason {
  readonly Code: string;
  readonly Message?: string;
}

export const conflictReason: Reason = { Code: "TransactionConflict", Message: CONFLICT };

/** One reason an item, `None` for those that were no cause. */
export const cancelledAnswer = (reasons: readonly (Reason | undefined)[]): Answer => {
  const all = reasons.map((reason) => reason ?? { Code: "None" });
  const codes = all.map(({ Code }) => Code).join(", ");
  return errorAnswer(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: all },
  );
};

/** The items that transactions hold from their prepare to their commit. */
export const openLocks = () => {
  const held = new Set<string>();
  return {
    isHeld: (key: string): boolean => held.has(key),
    /** All or none; the positions of those that another transaction holds. */
    take(keys: readonly string[]): number[] {
      const conflicts = keys.flatMap((key, position) => (held.has(key) ? [position] : []));
      if (conflicts.length === 0) for (const key of keys) held.add(key);
      return conflicts;
    },
    release(keys: readonly string[]): void {
      for (const key of keys) held.delete(key);
    },
  };
};

/**
 * Request tokens: the same one within ten minutes gives the same answer. A failure is not remembered: it may
 * be tried again under its token.
 *
 * @param now milliseconds
 */
export const openTokens = (now: () => number) => {
  const known = new Map<string, Known>();

  const dropOld = (): void => {
    // In the order of their ends, so that the first one that stays ends the search.
    for (const [token, { until }] of known) {
      if (until > now()) return;
      known.delete(token);
    }
  };

  return {
    /** The answer to a token that is known; undefined for a new one, which is in progress from now on. */
    begin(token: string, items: unknown): Answer | undefined {
      dropOld();
      const payload = Bun.hash(JSON.stringify(items));
      const before = known.get(token);
      if (!before) {
        known.set(token, { payload, until: now() + TOKEN_MS });
        return undefined;
      }
      if (before.payload !== payload) {
        return errorAnswer(
          "IdempotentParameterMismatchException",
          "The provided idempotency token was used with different parameters",
        );
      }
      if (before.output) return { status: 200, body: { ...before.output } };
      return errorAnswer(
        "TransactionInProgressException",
        "The transaction with the given request token is already in progress.",
      );
    },
    end(token: string, { status, body }: Answer): void {
      const entry = known.get(token);
      if (status !== 200) known.delete(token);
      else if (entry) entry.output = body;
    },
  };
};
