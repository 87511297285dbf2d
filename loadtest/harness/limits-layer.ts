import { join } from "node:path";
import { type ChildService, startService } from "./child-service.ts";

const LAYER = join(import.meta.dirname, "..", "..", "functions", "local", "limits", "main.ts");

/**
 * DynamoDB's limits in front of an engine, outside the shop so that they outlive it.
 *
 * @param rules as `DYNAMODB_LIMITS` lists them
 * @param scale of all capacities
 */
export const startLimits = (engine: ChildService, rules: string, scale: number): Promise<ChildService> =>
  startService(process.execPath, (port) => [
    ...[LAYER, "--endpoint", `http://127.0.0.1:${engine.port}`],
    ...["--rules", rules, "--scale", String(scale), "--port", String(port)],
  ]);

/** The same as a command's environment asks for, by `DYNAMODB_LIMITS` and `DYNAMODB_SCALE`; none where it does not. */
export const startLimitsAsSet = async (engine: ChildService): Promise<ChildService | undefined> => {
  const { DYNAMODB_LIMITS: rules = "off", DYNAMODB_SCALE: scale = "1" } = process.env;
  return rules === "off" ? undefined : startLimits(engine, rules, Number(scale));
};
