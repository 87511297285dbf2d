import { readConfig } from "../config/config.ts";
import type { DocumentCommand, StorageClient } from "../storage/client.ts";
import { openLeanClient } from "../storage/lean/lean-client.ts";
import { openSdkClient } from "../storage/sdk-client.ts";

/** Both clients of one endpoint, to be compared. */
export const bothClients = (endpoint: string) => {
  const config = { ...readConfig().dynamodb, endpoint };
  return { lean: openLeanClient(config), sdk: openSdkClient(config) };
};

/** Generous: no test here is about time, except where it passes a limit of its own. */
export const LIMITS = { timeout: 20_000 };

/** All that a caller can see of how a call ended. The SDK says of any error how often it tried; here only DynamoDB's count. */
export const outcomeOf = async (client: StorageClient, command: DocumentCommand): Promise<object> => {
  try {
    return { result: await client.prepare(command)(LIMITS) };
  } catch (error) {
    const { name, message, ...rest } = error as Error & { $fault?: string; $metadata?: object };
    const { $metadata, ...others } = rest;
    return {
      failed: (error as object).constructor.name,
      name,
      message: message.replace(/\n {2}Deserialization error: .*/, ""),
      ...others,
      ...(others.$fault && { $metadata }),
    };
  }
};
