import { LRUCache } from "lru-cache";
import { type Bucket, type Policy, takeFrom, type Verdict } from "./bucket.ts";
import type { TakeShared } from "./shared-buckets.ts";

/** Clients that a process remembers; one that asks from more addresses gets a full bucket for some of them again. */
const MAX_CLIENTS = 20_000;

/** The part of a bucket that a process takes from Redis at a time: most requests then ask nobody. */
const LEASE_SHARE = 1 / 20;

/** After Redis has failed, each process counts alone for so long. Milliseconds. */
const ALONE_MS = 1_000;

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
  const takeOfLease = (lease: Lease): Verdict | undefined => {
    if (lease.tokens >= 1) {
      lease.tokens -= 1;
      return { isAllowed: true, remaining: lease.remaining + lease.tokens };
    }
    return lease.refusedUntil > now() ? { isAllowed: false, remaining: 0 } : undefined;
  };

  const renew = async (ask: TakeShared, lease: Lease, policy: Policy, client: string): Promise<void> => {
    const wanted = Math.max(1, Math.floor(policy.capacity * LEASE_SHARE));
    const { taken, remaining } = await ask(client, policy, wanted);
    lease.tokens += taken;
    lease.remaining = remaining;
    if (taken === 0) lease.refusedUntil = now() + 1 / policy.refill;
  };

  const takeTogether = async (ask: TakeShared, policy: Policy, client: string): Promise<Verdict> => {
    const lease = leaseOf(policy, client);
    for (;;) {
      const verdict = takeOfLease(lease);
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
      if (!takeShared || now() < aloneUntil || !isRedisUp()) return takeAlone(policy, client);
      return takeOfLease(leaseOf(policy, client)) ?? takeTogether(takeShared, policy, client);
    },
    isSpent: (policy, client) => {
      const key = keyOf(policy, client);
      const bucket = alone.get(key);
      const isEmpty = bucket !== undefined && bucket.tokens + (now() - bucket.at) * policy.refill < 1;
      return isEmpty || (leases.get(key)?.refusedUntil ?? 0) > now();
    },
  };
};
