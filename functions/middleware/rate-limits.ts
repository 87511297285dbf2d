import type { Identity } from "../../core/access/identity.ts";
import type { PolicyName } from "../../core/config/rate-limit-settings.ts";
import { type Policy, secondsToFull, secondsToOne, type Verdict } from "../../core/rate-limit/bucket.ts";
import type { Priority } from "../../core/resilience/priorities.ts";
import type { Shop } from "../../core/shop.ts";
import { clientAddress } from "./client-address.ts";
import { RequestError } from "./request-error.ts";
import type { Headers } from "./result.ts";

/** The part of a request that tells its client's address. */
export interface Addressed {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly sourceIp: () => string;
}

const POLICIES: Readonly<Partial<Record<Priority, PolicyName>>> = { search: "search", checkout: "checkout" };

/** `RateLimit` and `RateLimit-Policy` of the IETF's draft for them (draft-ietf-httpapi-ratelimit-headers). */
const headersOf = (policy: Policy, window: string, { remaining }: Verdict): Headers => ({
  "ratelimit-policy": window,
  ratelimit: `"${policy.name}";r=${remaining};t=${secondsToFull(policy, remaining)}`,
});

/** Limits what each user, machine or address may ask for. @returns undefined where nothing is limited */
export const openRateLimits = ({ rateLimiter, config }: Shop) => {
  if (!rateLimiter) return undefined;
  const { policies, trustedHops } = config.rateLimits;

  const windows = new Map(
    Object.values(policies).map((policy) => [
      policy,
      `"${policy.name}";q=${policy.capacity};w=${secondsToFull(policy, 0)}`,
    ]),
  );

  const addressOf = ({ headers, sourceIp }: Addressed): string =>
    clientAddress(headers["x-forwarded-for"], trustedHops, sourceIp);

  /** Guests too are limited by their address: an identity that is free to have would be a limit of nobody's. */
  const clientOf = ({ kind, subject }: Identity, request: Addressed): string =>
    kind === "user" || kind === "machine" ? `${kind}:${subject}` : addressOf(request);

  const judged = (policy: Policy, verdict: Verdict): Headers => {
    const headers = headersOf(policy, windows.get(policy) ?? "", verdict);
    if (verdict.isAllowed) return headers;
    throw new RequestError("RATE_LIMITED", { headers, retryAfterSeconds: secondsToOne(policy) });
  };

  const take = (policy: Policy, client: string): Headers | Promise<Headers> => {
    const verdict = rateLimiter.take(policy, client);
    return verdict instanceof Promise
      ? verdict.then((later) => judged(policy, later))
      : judged(policy, verdict);
  };

  return {
    /** @returns headers for the answer. @throws RequestError 429 */
    take: (
      identity: Identity,
      priority: Priority | undefined,
      request: Addressed,
    ): Headers | Promise<Headers> =>
      take(policies[(priority && POLICIES[priority]) ?? "default"], clientOf(identity, request)),

    /** Counts credentials that proved nothing. @throws RequestError 429 */
    noteFailure: (request: Addressed): Headers | Promise<Headers> =>
      take(policies.failures, addressOf(request)),

    /** @throws RequestError 429 for an address whose credentials have proved nothing too often of late */
    checkFailures: (request: Addressed): void => {
      const { failures } = policies;
      if (rateLimiter.isSpent(failures, addressOf(request)))
        judged(failures, { isAllowed: false, remaining: 0 });
    },
  };
};

export type RateLimits = NonNullable<ReturnType<typeof openRateLimits>>;
