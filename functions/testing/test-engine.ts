import type { TestProject } from "vitest/node";
import { startEngine } from "../local/engine.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly dynamodbEndpoint: string;
    /** Somebody else's, which keeps what is left there. */
    readonly isForeignDynamodb: boolean;
  }
}

/** One real DynamoDB engine for the whole run, in memory; `DYNAMODB_ENDPOINT` names another one to test against. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.DYNAMODB_ENDPOINT;
  if (given) {
    project.provide("dynamodbEndpoint", given);
    project.provide("isForeignDynamodb", true);
    return async () => undefined;
  }
  const engine = await startEngine();
  project.provide("dynamodbEndpoint", engine.endpoint);
  project.provide("isForeignDynamodb", false);
  return engine.stop;
}
