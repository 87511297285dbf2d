/** The dependencies that have a policy of their own and that faults can be injected into. */
export const SERVICES = ["dynamodb", "redis", "payment"] as const;
export type Service = (typeof SERVICES)[number];
