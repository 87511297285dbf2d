export const BOUNDARY = "arn:aws:iam::123456789012:policy/stampede-boundary";

/** The kinds of deployment that the tests look at. */
export const STAGES = {
  personal: {
    request: { stage: "alice", dev: false },
    settings: { STAMPEDE_ALLOW_FROM: "203.0.113.7/32,198.51.100.0/24" },
  },
  production: {
    request: { stage: "production", dev: false },
    settings: {
      STAMPEDE_DOMAIN: "shop.example",
      STAMPEDE_HOSTED_ZONE: "Z0123456789ABC",
      STAMPEDE_ALLOW_FROM: "0.0.0.0/0",
      STAMPEDE_REDIS: "cluster",
      STAMPEDE_ALARM_EMAIL: "oncall@shop.example",
      STAMPEDE_TASKS: "3-40",
      STAMPEDE_SALE: "2099-11-27T18:00+01:00/2099-11-28T00:00Z",
      STAMPEDE_SALE_TASKS: "24",
      STAMPEDE_TRACING: "5",
      STAMPEDE_TRACING_LAYER:
        "arn:aws:lambda:us-east-1:901920570463:layer:aws-otel-collector-arm64-ver-0-117-0:1",
      STAMPEDE_WAF: "block",
      STAMPEDE_ACCESS_LOGS: "90",
      STAMPEDE_FLOW_LOGS: "14",
    },
  },
  /** With safeguards that are being tried out, as cheaply as they come. */
  trial: {
    request: { stage: "erin", dev: false },
    settings: {
      STAMPEDE_WAF: "count",
      STAMPEDE_WAF_RATE: "600",
      STAMPEDE_REDIS_ENGINE: "valkey",
      STAMPEDE_BACKUPS: "7",
      STAMPEDE_ACCESS_LOGS: "3",
      STAMPEDE_CANARY: "on",
      STAMPEDE_CANARY_PRODUCT: "7",
      STAMPEDE_PAYMENT_OUTAGE: "accept",
      STAMPEDE_PERMISSIONS_BOUNDARY: BOUNDARY,
    },
  },
  /** With the decisions that have to be made and no other, kept with the stage. */
  plainProduction: {
    request: {
      stage: "production",
      dev: false,
      parameters: { STAMPEDE_DOMAIN: "none", STAMPEDE_ALLOW_FROM: "0.0.0.0/0" },
    },
    settings: {},
  },
  /** As for a pull request. */
  preview: {
    request: { stage: "pr-17", dev: false, isSharing: true },
    settings: {
      STAMPEDE_SHARED_VPC: "vpc-0d19d2b8ca2b268a1",
      STAMPEDE_SHARED_REDIS: "stampede-staging-cache",
    },
  },
  /** Refused: from that network its functions don't reach Stripe. */
  closedIn: {
    request: { stage: "pr-18", dev: false, isSharing: true },
    settings: {
      STAMPEDE_SHARED_VPC: "vpc-0d19d2b8ca2b268a1",
      STAMPEDE_SHARED_REDIS: "stampede-staging-cache",
      STAMPEDE_API: "functions",
      STAMPEDE_PAYMENT: "stripe",
    },
  },
  functions: { request: { stage: "bob", dev: false }, settings: { STAMPEDE_API: "functions" } },
  /** Charging by Stripe, in a container and in functions. */
  stripe: { request: { stage: "carol", dev: false }, settings: { STAMPEDE_PAYMENT: "stripe" } },
  stripeFunctions: {
    request: { stage: "dave", dev: false },
    settings: {
      STAMPEDE_API: "functions",
      STAMPEDE_PAYMENT: "stripe",
      STAMPEDE_CURRENCY: "eur",
      STAMPEDE_STRIPE_RETURN_URL: "https://shop.example/paid",
      STAMPEDE_PAYMENT_OUTAGE: "accept",
      STAMPEDE_DEFERRED_ORDERS: "20",
      STAMPEDE_DEFERRED_AMOUNT: "5000",
      STAMPEDE_PERMISSIONS_BOUNDARY: BOUNDARY,
    },
  },
  dev: { request: { stage: "alice", dev: true }, settings: {} },
} as const;
