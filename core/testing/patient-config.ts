import { type Config, readConfig } from "../config/config.ts";

const PATIENCE_MS = 30_000;

/**
 * Settings for a shop in tests that are not about time limits: a busy machine keeps calls waiting for seconds, and that
 * is no outage. A limit that the environment names stays.
 */
export const patientConfig = (environment: NodeJS.ProcessEnv = process.env): Config => {
  const config = readConfig(environment);
  if (environment.DYNAMODB_TIMEOUT_MS !== undefined) return config;
  return { ...config, dynamodb: { ...config.dynamodb, requestTimeout: PATIENCE_MS } };
};
