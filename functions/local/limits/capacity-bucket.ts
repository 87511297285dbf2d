/**
 * A token bucket that holds one second of its rate. It may go into debt: what a request really costs is known only
 * once it was answered.
 */
export interface Bucket {
  tokens: number;
  filledAt: number;
}

export const fullBucket = (rate: number, now: number): Bucket => ({ tokens: rate, filledAt: now });

/** Whether the bucket lets a request in. @param rate units a second  @param now milliseconds */
export const hasTokens = (bucket: Bucket, rate: number, now: number): boolean => {
  bucket.tokens = Math.min(rate, bucket.tokens + ((now - bucket.filledAt) / 1_000) * rate);
  bucket.filledAt = now;
  return bucket.tokens > 0;
};
