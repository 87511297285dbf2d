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
 * The same as a command's environment asks for, by `DYNAMODB_LIMITS` (`off` for none) and `DYNAMODB_SCALE`.
 *
 * @param usualScale of the limits that there are when the environment says nothing; undefined for none
 */
export const startLimitsAsSet = async (
  engine: ChildService,
  usualScale?: number,
): Promise<ChildService | undefined> => {
  const rules = process.env.DYNAMODB_LIMITS || (usualScale === undefined ? "off" : "aws");
  const scale = process.env.DYNAMODB_SCALE || usualScale || 1;
  return rules === "off" ? undefined : startLimits(engine, rules, Number(scale));
};
