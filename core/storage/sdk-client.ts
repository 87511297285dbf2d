import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Config } from "../config/config.ts";
import { MAX_CONNECTIONS, type StorageClient } from "./client.ts";
import { dynamodbClientSettings } from "./client-settings.ts";

/** The SDK's own client: `DYNAMODB_CLIENT=sdk`. */
export const openSdkClient = (config: Config["dynamodb"]): StorageClient => {
  const client = new DynamoDBClient({
    ...dynamodbClientSettings(config),
    // Retries are made in one place, by the database port, where the circuit and the budget see them.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 1_000,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: MAX_CONNECTIONS },
      httpsAgent: { maxSockets: MAX_CONNECTIONS },
    },
  });
  const documents = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });
  return {
    close: () => client.destroy(),
    prepare:
      (command) =>
      ({ timeout, signal }) =>
        documents.send(command as never, { requestTimeout: timeout, ...(signal && { abortSignal: signal }) }),
  };
};
