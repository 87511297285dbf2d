import type { Config } from "../config/config.ts";

/** Regional, FIPS, dual-stack and account endpoints of all partitions. */
const AWS_HOSTS = /\.(amazonaws\.com(\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)$/;

/**
 * DynamoDB elsewhere than on AWS checks no credentials but the SDK insists on some. With an AWS endpoint,
 * or when the environment has credentials of its own, the SDK's own provider chain decides.
 */
const placeholderCredentials = (endpoint: string | undefined) =>
  endpoint && !process.env.AWS_ACCESS_KEY_ID && !AWS_HOSTS.test(new URL(endpoint).hostname)
    ? { credentials: { accessKeyId: "local", secretAccessKey: "local" } }
    : {};

export const dynamodbClientSettings = ({
  endpoint,
  region,
}: Pick<Config["dynamodb"], "endpoint" | "region">) => ({
  region,
  ...(endpoint && { endpoint }),
  ...placeholderCredentials(endpoint),
});
