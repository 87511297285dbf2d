/**
 * Unsettled orders are indexed over a few buckets rather than under one key: every order passes through
 * this index, and one DynamoDB partition takes at most 1,000 writes a second.
 */
export const PENDING_BUCKETS = 8;

/** The bucket of an order, from the last (random) character of its ULID. */
export const pendingBucketOf = (orderId: string): number =>
  orderId.charCodeAt(orderId.length - 1) % PENDING_BUCKETS;
