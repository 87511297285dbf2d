import type { TestProject } from "vitest/node";
import { startEngine } from "../local/engine.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly dynamodbEndpoint: string;
  }
}

/** One real DynamoDB engine for the whole run, in memory; `DYNAMODB_ENDPOINT` names another one to test against. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.DYNAMODB_ENDPOINT;
  if (given) {
    project.provide("dynamodbEndpoint", given);
    return async () => undefined;
  }
  const engine = await startEngine();
  project.provide("dynamodbEndpoint", engine.endpoint);
  return engine.stop;
}
