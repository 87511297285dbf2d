import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import type { Config } from "../../core/config.ts";
import { dynamodbClientSettings } from "../../core/storage/database.ts";
import { TABLE_KEYS, TABLES, type TableDeclaration } from "../../core/tables.ts";
import { createTableInput } from "./table-definition.ts";

const CREATION_TIMEOUT_SECONDS = 30;

/** Thrown for a table that another version of the shop has made. */
export class OtherTableError extends Error {
  override readonly name = "OtherTableError";
}

/**
 * Creates whichever of the declared tables do not exist yet.
 *
 * @throws OtherTableError when one exists with another key
 */
export const createTables = async (config: Config): Promise<void> => {
  const client = new DynamoDBClient(dynamodbClientSettings(config.dynamodb));
  try {
    for (const key of TABLE_KEYS) await createTable(client, TABLES[key], config.dynamodb.tables[key]);
  } finally {
    client.destroy();
  }
};

const createTable = async (client: DynamoDBClient, table: TableDeclaration, name: string): Promise<void> => {
  try {
    await client.send(new CreateTableCommand(createTableInput(table, name)));
  } catch (error) {
    if (error instanceof ResourceInUseException) return refuseOtherKey(client, table, name);
    throw error;
  }
  await waitUntilTableExists(
    { client, maxWaitTime: CREATION_TIMEOUT_SECONDS, minDelay: 1 },
    { TableName: name },
  );
  if (!table.ttl) return;
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { AttributeName: table.ttl, Enabled: true },
    }),
  );
};

const refuseOtherKey = async (
  client: DynamoDBClient,
  { primaryIndex: { hashKey } }: TableDeclaration,
  name: string,
): Promise<void> => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
  const found = Table?.KeySchema?.find(({ KeyType }) => KeyType === "HASH")?.AttributeName;
  if (found === hashKey) return;
  throw new OtherTableError(
    `The table ${name} was made by another version of Stampede: its key is ${found}, not ${hashKey}.\n` +
      "Start with another DATA_DIR (or TABLE_PREFIX), or remove the data directory to begin anew.",
  );
};
