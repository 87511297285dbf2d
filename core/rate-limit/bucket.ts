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

/** A bucket as long as its client asks: filled up by the time that has passed when the next request comes. */
export interface Bucket {
  tokens: number;
  /** Epoch milliseconds of the last request. */
  at: number;
}

export const takeFrom = (bucket: Bucket, { capacity, refill }: Policy, now: number): Verdict => {
  bucket.tokens = Math.min(capacity, bucket.tokens + Math.max(0, now - bucket.at) * refill);
  bucket.at = now;
  const isAllowed = bucket.tokens >= 1;
  if (isAllowed) bucket.tokens -= 1;
  return { isAllowed, remaining: Math.floor(bucket.tokens) };
};

/** Seconds until a bucket is full again. @param remaining its tokens now */
export const secondsToFull = ({ capacity, refill }: Policy, remaining: number): number =>
  Math.ceil((capacity - remaining) / refill / 1_000);

/** Seconds after which an empty bucket has a token again. */
export const secondsToOne = ({ refill }: Policy): number => Math.ceil(1 / refill / 1_000);
