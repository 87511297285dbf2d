/** How much a client may ask for: a bucket of tokens, one of which each request takes. */
export interface Policy {
  readonly name: string;
  /** Tokens of a full bucket. */
  readonly capacity: number;
  /** Tokens that come back each millisecond. */
  readonly refill: number;
}

/** The answer to a request for a token. */
export interface Verdict {
  readonly isAllowed: boolean;
  /** Tokens left, rounded down. */
  readonly remaining: number;
}

/** Refilled only when the next request comes, by the time that has passed. */
export interface Bucket {
  tokens: number;
  /** Epoch milliseconds of the last request. */
  at: number;
}

/** A clock that is set back gives nothing and takes nothing. */
export const tokensOf = ({ tokens, at }: Bucket, { capacity, refill }: Policy, now: number): number =>
  Math.min(capacity, tokens + Math.max(0, now - at) * refill);

export const takeFrom = (bucket: Bucket, policy: Policy, now: number): Verdict => {
  bucket.tokens = tokensOf(bucket, policy, now);
  bucket.at = now;
  const isAllowed = bucket.tokens >= 1;
  if (isAllowed) bucket.tokens -= 1;
  return { isAllowed, remaining: Math.floor(bucket.tokens) };
};

/** Seconds until a bucket is full again. @param remaining its tokens now */
export const secondsToFull = ({ capacity, refill }: Policy, remaining: number): number =>
  Math.ceil((capacity - remaining) / refill / 1_000);

/** Milliseconds after which an empty bucket has a token again. */
export const msToOne = ({ refill }: Policy): number => 1 / refill;

export const secondsToOne = (policy: Policy): number => Math.ceil(msToOne(policy) / 1_000);
