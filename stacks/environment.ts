import type { Settings } from "./settings.ts";
import { ENDING, type Sizes } from "./sizes.ts";

type Variables = Readonly<Record<string, string>>;

/** The shop's settings on AWS, wherever it runs. */
export const shopEnvironment = (sizes: Sizes, isCluster: boolean): Variables => ({
  LOG_LEVEL: "INFO",
  CORS_ORIGIN: "",
  REQUEST_DEADLINE_MS: `${ENDING.requestDeadline * 1_000}`,
  OBJECTIVE_READ_MS: "500",
  OBJECTIVE_WRITE_MS: "1000",
  OBJECTIVE_CHECKOUT_MS: "3000",
  REDIS_CLUSTER: `${isCluster}`,
  REDIS_TIMEOUT_MS: "100",
  CACHE_TTL_MS: "300000",
  CACHE_MEMORY_MB: `${sizes.cacheMemoryMb}`,
  DYNAMODB_CLIENT: "lean",
  DYNAMODB_TIMEOUT_MS: "1000",
  DYNAMODB_MAX_ATTEMPTS: "5",
  CIRCUIT_FAILURES: "8",
  CIRCUIT_SILENCE_MS: "350",
  CIRCUIT_PROBE_MS: "150",
  RETRY_BASE_MS: "25",
  RETRY_MAX_MS: "250",
  RETRY_BUDGET_PERCENT: "100",
  PAYMENT_LATENCY_MS: "20",
  PAYMENT_TIMEOUT_MS: "2000",
  PAYMENT_SETTLE_LIMIT_MS: "900000",
  PAYMENT_DEFERRED_LIMIT_MS: "86400000",
  PAYMENT_OUTAGE: "refuse",
  PAYMENT_DEFERRED_ORDERS: "1000",
  PAYMENT_DEFERRED_AMOUNT: "100000",
  STOCK_AUTO_SHARDS: "16",
  FULFILMENT_GRACE_MS: "60000",
  FAULTS: sizes.faults,
  // Pages of one process; where access is controlled, the console is for administrators.
  CONSOLE: "off",
  // Of one process: a scraper would have to reach each task by itself.
  PROMETHEUS: "off",
  TRACING: "off",
  TRACING_PERCENT: "1",
  // Anybody can call: a flag of theirs would fill X-Ray at the shop's expense.
  TRACING_TRUST: "off",
  OTEL_EXPORTER_OTLP_ENDPOINT: "",
  RESILIENCE: "on",
});

/** Access to the API: nobody is let in without credentials. An empty value counts as unset. */
export const accessEnvironment = ({ identity }: Pick<Settings, "identity">): Variables => ({
  AUTH: "jwt",
  AUTH_ISSUER: identity?.issuer ?? "",
  AUTH_AUDIENCE: identity?.audience ?? "",
  AUTH_JWKS: identity?.keySet ?? "",
  RATE_LIMITS: "on",
  RATE_LIMIT_PER_MINUTE: "1200",
  RATE_LIMIT_SEARCH_PER_MINUTE: "300",
  RATE_LIMIT_CHECKOUT_PER_MINUTE: "60",
  RATE_LIMIT_FAILURES_PER_MINUTE: "60",
});

/**
 * Payments, of what charges. A charge by Stripe takes two requests to it, and a second each is not unusual. The gateway
 * of everything else is the simulated one, which needs no secret to be there.
 */
export const paymentEnvironment = ({
  stripe,
  accepted,
}: Pick<Settings, "stripe" | "accepted">): Variables => ({
  PAYMENT_GATEWAY: stripe ? "stripe" : "simulated",
  PAYMENT_CURRENCY: stripe?.currency ?? "",
  STRIPE_RETURN_URL: stripe?.returnUrl ?? "",
  ...(stripe && { PAYMENT_TIMEOUT_MS: "8000" }),
  ...(accepted && {
    PAYMENT_OUTAGE: "accept",
    PAYMENT_DEFERRED_ORDERS: `${accepted.orders}`,
    PAYMENT_DEFERRED_AMOUNT: `${accepted.amount}`,
  }),
});

/** Further settings of the server in a container. */
export const serverEnvironment = (sizes: Sizes): Variables => ({
  PORT: "8080",
  HOST: "0.0.0.0",
  ALLOWED_HOSTS: "",
  // The load balancer.
  TRUSTED_HOPS: "1",
  DRAIN_NOTICE_MS: `${ENDING.drainNotice * 1_000}`,
  DRAIN_DEADLINE_MS: `${ENDING.drainDeadline * 1_000}`,
  CACHE_MODE: "tiered",
  CACHE_WARM: `${sizes.cacheWarm}`,
  // Twice in each of CloudWatch's minutes: more often would cost as much more, and tell nothing more.
  METRICS_INTERVAL_MS: "30000",
  // Replaced by the load balancer before the kernel would kill it.
  MEMORY_LIMIT_MB: `${Math.floor(sizes.memoryMb * 0.8)}`,
});

/**
 * Further settings of a function. Its memory lives as long as one of many copies of it, which hear of no
 * invalidation while they are frozen: only what is shared is worth asking.
 */
export const functionEnvironment = (memoryMb: number, cacheMode: "redis" | "off"): Variables => ({
  CACHE_MODE: cacheMode,
  // Never reached: the platform ends a function that needs more.
  MEMORY_LIMIT_MB: `${memoryMb}`,
});
