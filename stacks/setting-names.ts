import type { Environment } from "./settings-reader.ts";

/** Every setting of a deployment. */
export const SETTINGS = [
  "STAMPEDE_API",
  "STAMPEDE_REDIS",
  "STAMPEDE_REDIS_ENGINE",
  "STAMPEDE_DOMAIN",
  "STAMPEDE_HOSTED_ZONE",
  "STAMPEDE_ALARM_EMAIL",
  "STAMPEDE_ALLOW_FROM",
  "STAMPEDE_SHARED_VPC",
  "STAMPEDE_SHARED_REDIS",
  "STAMPEDE_TASKS",
  "STAMPEDE_SALE",
  "STAMPEDE_SALE_TASKS",
  "STAMPEDE_CANARY",
  "STAMPEDE_CANARY_PRODUCT",
  "STAMPEDE_TRACING",
  "STAMPEDE_TRACING_LAYER",
  "STAMPEDE_AUTH_ISSUER",
  "STAMPEDE_AUTH_AUDIENCE",
  "STAMPEDE_AUTH_JWKS",
  "STAMPEDE_PAYMENT",
  "STAMPEDE_CURRENCY",
  "STAMPEDE_STRIPE_RETURN_URL",
  "STAMPEDE_PAYMENT_OUTAGE",
  "STAMPEDE_DEFERRED_ORDERS",
  "STAMPEDE_DEFERRED_AMOUNT",
  "STAMPEDE_WAF",
  "STAMPEDE_WAF_RATE",
  "STAMPEDE_BACKUPS",
  "STAMPEDE_ACCESS_LOGS",
  "STAMPEDE_FLOW_LOGS",
  "STAMPEDE_PERMISSIONS_BOUNDARY",
] as const;

/** Of the same family, but for the experiments. */
const NOT_FOR_DEPLOYMENTS = ["STAMPEDE_ADMIN_TOKEN"];

/** A misspelt name would leave its setting at the default: STAMPEDE_ALLOW_FORM would open the shop to all. */
export const unknownNames = (env: Environment): string[] => {
  const known: readonly string[] = [...SETTINGS, ...NOT_FOR_DEPLOYMENTS];
  return Object.keys(env).filter(
    (name) => name.startsWith("STAMPEDE_") && env[name]?.trim() && !known.includes(name),
  );
};
