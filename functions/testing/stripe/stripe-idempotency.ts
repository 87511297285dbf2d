import { StripeRefusal } from "./stripe-error.ts";

export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Kept {
  readonly fingerprint: string;
  answer?: Answer;
}

/**
 * Stripe's idempotency keys (https://docs.stripe.com/api/idempotent_requests): the first result is kept and given
 * again, failures included, but for those of a request that was not executed.
 */
export const openIdempotency = () => {
  const results = new Map<string, Kept>();
  return {
    /** As Stripe forgets keys, after a day at the earliest. */
    prune: (): void => results.clear(),

    async once(
      key: string | undefined,
      fingerprint: string,
      work: () => Promise<{ answer: Answer; isExecuted: boolean }>,
    ): Promise<Answer> {
      if (key === undefined) return (await work()).answer;
      const known = results.get(key);
      if (known && known.fingerprint !== fingerprint) {
        throw new StripeRefusal(400, {
          type: "idempotency_error",
          message:
            "Keys for idempotent requests can only be used with the same parameters they were first used with.",
        });
      }
      if (known && !known.answer) {
        throw new StripeRefusal(409, {
          type: "idempotency_error",
          code: "idempotency_key_in_use",
          message: "There is currently another in-progress request using this Idempotent Key.",
        });
      }
      if (known?.answer) {
        return { ...known.answer, headers: { ...known.answer.headers, "idempotent-replayed": "true" } };
      }
      const kept: Kept = { fingerprint };
      results.set(key, kept);
      const { answer, isExecuted } = await work();
      if (isExecuted) kept.answer = answer;
      else results.delete(key);
      return answer;
    },
  };
};
