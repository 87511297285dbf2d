/** DynamoDB's limits that the local launcher can put in front of a database that has none. */
export const LIMIT_RULES = [
  "units",
  "partitions",
  "transactions",
  "latency",
  "indexes",
  "streams",
  "brown-out",
] as const;

export type LimitRule = (typeof LIMIT_RULES)[number];

/** Values of `DYNAMODB_LIMITS`: the rules, and `aws` for AWS on an ordinary day. */
export const LIMIT_NAMES = ["aws", ...LIMIT_RULES] as const;

export const rulesOf = (names: readonly (typeof LIMIT_NAMES)[number][]): LimitRule[] =>
  LIMIT_RULES.filter((rule) => names.includes(rule) || (names.includes("aws") && rule !== "brown-out"));
