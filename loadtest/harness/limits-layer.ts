import { type Config, readConfig } from "../../core/config/config.ts";
import { ConfigurationError, type Environment } from "../../core/config/environment-reader.ts";
import type { LimitRule } from "../../core/storage/limit-rules.ts";
import { startLimits as startLocalLimits } from "../../functions/local/limits/start-limits.ts";
import { type ChildService, startService } from "./child-service.ts";

/**
 * DynamoDB's limits in front of an engine, outside the shop so that they outlive it.
 *
 * @param list rules as `DYNAMODB_LIMITS` lists them
 * @param scale of all capacities
 */
export const startLimits = (engine: ChildService, list: string, scale: number): Promise<ChildService> => {
  const rules = list.split(",") as LimitRule[]; // The layer itself refuses others.
  return startService((port) => startLocalLimits(`http://127.0.0.1:${engine.port}`, { rules, scale, port }));
};

/**
 * The rules (none for `off`) and the scale that a command's environment asks for, by `DYNAMODB_LIMITS` and
 * `DYNAMODB_SCALE`, as the shop reads them.
 *
 * @param usualScale of the limits that there are when the environment says nothing; undefined for none
 * @throws ConfigurationError naming the variable whose value is wrong
 */
export const limitsAsSet = (
  usualScale?: number,
  environment: Environment = process.env,
): Config["dynamodb"]["limits"] =>
  readConfig({
    DYNAMODB_LIMITS: environment.DYNAMODB_LIMITS || (usualScale === undefined ? "off" : "aws"),
    DYNAMODB_SCALE: environment.DYNAMODB_SCALE || String(usualScale ?? 1),
  }).dynamodb.limits;

/** The message about limits that the environment asks for and that can't be; undefined where they can. */
export const limitsProblem = (): string | undefined => {
  try {
    limitsAsSet();
    return undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
};

/** Starts the layer by {@link limitsAsSet}; undefined where there are no limits. */
export const startLimitsAsSet = async (
  engine: ChildService,
  usualScale?: number,
  environment: Environment = process.env,
): Promise<ChildService | undefined> => {
  const { rules, scale } = limitsAsSet(usualScale, environment);
  return rules.length === 0 ? undefined : startLimits(engine, rules.join(","), scale);
};
