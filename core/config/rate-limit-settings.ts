import type { Policy } from "../rate-limit/bucket.ts";
import type { EnvironmentReader } from "./environment-reader.ts";

/** Seconds in which an empty bucket is full again. */
export const BURST_SECONDS = 10;

export type PolicyName = "default" | "search" | "checkout" | "failures";

/** @param isOpen without credentials, on this machine alone, there is nobody to hold back */
export const rateLimitSettings = (reader: EnvironmentReader, isOpen: boolean) => {
  const policy = (name: PolicyName, variable: string, perMinute: number): Policy => {
    const limit = reader.integer(variable, perMinute, { min: 6, max: 10_000_000 });
    return { name, capacity: Math.ceil((limit * BURST_SECONDS) / 60), refill: limit / 60_000 };
  };
  const policies: Readonly<Record<PolicyName, Policy>> = {
    default: policy("default", "RATE_LIMIT_PER_MINUTE", 1_200),
    search: policy("search", "RATE_LIMIT_SEARCH_PER_MINUTE", 300),
    checkout: policy("checkout", "RATE_LIMIT_CHECKOUT_PER_MINUTE", 60),
    failures: policy("failures", "RATE_LIMIT_FAILURES_PER_MINUTE", 60),
  };
  return {
    isOn: reader.oneOf("RATE_LIMITS", isOpen ? "off" : "on", ["on", "off"]) === "on",
    policies,
    /** Proxies in front, each of which appends to X-Forwarded-For whom it was asked by. Earlier entries are the client's own to write. */
    trustedHops: reader.integer("TRUSTED_HOPS", 0, { min: 0, max: 5 }),
  };
};
