import { LRUCache } from "lru-cache";
import { type Bucket, msToOne, type Policy, takeFrom, tokensOf, type Verdict } from "./bucket.ts";
import type { TakeShared } from "./shared-buckets.ts";

/** Clients that a process remembers; one with more addresses than this gets full buckets for the forgotten ones. */
const MAX_CLIENTS = 20_000;

/** The part of a bucket that a process takes from Redis at a time, so that most requests need no call. */
const LEASE_SHARE = 1 / 20;

/** How long a process counts alone after Redis has failed. Milliseconds. */
const ALONE_MS = 1_000;

/** By which sums of times may be off. */
const ROUNDING_MS = 1;

/** Tokens that this process holds of a shared bucket. */
interface Lease {
  tokens: number;
  remaining: number;
  /** Epoch milliseconds before which there is nothing to be had. */
  refusedUntil: number;
  taking: Promise<void> | undefined;
}

export interface RateLimiter {
  /** Takes a token. At once, unless the bucket that all processes share must be asked. */
  readonly take: (policy: Policy, client: string) => Verdict | Promise<Verdict>;
  /** Whether the next token is known to be refused. */
  readonly isSpent: (policy: Policy, client: string) => boolean;
}

/** @param takeShared absent where each process counts alone */
export const openRateLimiter = (
  now: () => number,
  takeShared?: TakeShared,
  isRedisUp: () => boolean = () => true,
): RateLimiter => {
  const alone = new LRUCache<string, Bucket>({ max: MAX_CLIENTS });
  const leases = new LRUCache<string, Lease>({ max: MAX_CLIENTS });
  let aloneUntil = 0;

  /** Whether a time is still to come. One that is further off than it was ever set means a clock set back. */
  const isAhead = (until: number, most: number): boolean => {
    const left = until - now();
    return left > 0 && left <= most + ROUNDING_MS;
  };

  const keyOf = ({ name }: Policy, client: string): string => `${name}:${client}`;

  const takeAlone = (policy: Policy, client: string): Verdict => {
    const key = keyOf(policy, client);
    let bucket = alone.get(key);
    if (!bucket) alone.set(key, (bucket = { tokens: policy.capacity, at: now() }));
    return takeFrom(bucket, policy, now());
  };

  const leaseOf = (policy: Policy, client: string): Lease => {
    const key = keyOf(policy, client);
    let lease = leases.get(key);
    if (!lease) leases.set(key, (lease = { tokens: 0, remaining: 0, refusedUntil: 0, taking: undefined }));
    return lease;
  };

  /** @returns undefined where Redis must be asked */
  const takeOfLease = (lease: Lease, policy: Policy): Verdict | undefined => {
    if (lease.tokens >= 1) {
      lease.tokens -= 1;
      return { isAllowed: true, remaining: lease.remaining + lease.tokens };
    }
    return isAhead(lease.refusedUntil, msToOne(policy)) ? { isAllowed: false, remaining: 0 } : undefined;
  };

  const renew = async (ask: TakeShared, lease: Lease, policy: Policy, client: string): Promise<void> => {
    const wanted = Math.max(1, Math.floor(policy.capacity * LEASE_SHARE));
    const { taken, remaining } = await ask(client, policy, wanted);
    lease.tokens += taken;
    lease.remaining = remaining;
    if (taken === 0) lease.refusedUntil = now() + msToOne(policy);
  };

  const takeTogether = async (ask: TakeShared, policy: Policy, client: string): Promise<Verdict> => {
    const lease = leaseOf(policy, client);
    for (;;) {
      const verdict = takeOfLease(lease, policy);
      if (verdict) return verdict;
      // Requests that come meanwhile wait for the same answer.
      lease.taking ??= renew(ask, lease, policy, client).finally(() => {
        lease.taking = undefined;
      });
      try {
        await lease.taking;
      } catch {
        aloneUntil = now() + ALONE_MS;
        return takeAlone(policy, client);
      }
    }
  };

  return {
    take: (policy, client) => {
      if (!takeShared || isAhead(aloneUntil, ALONE_MS) || !isRedisUp()) return takeAlone(policy, client);
      return takeOfLease(leaseOf(policy, client), policy) ?? takeTogether(takeShared, policy, client);
    },
    isSpent: (policy, client) => {
      const key = keyOf(policy, client);
      const bucket = alone.get(key);
      const isEmpty = bucket !== undefined && tokensOf(bucket, policy, now()) < 1;
      return isEmpty || isAhead(leases.get(key)?.refusedUntil ?? 0, msToOne(policy));
    },
  };
};
