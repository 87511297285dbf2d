import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  DynamoDBServiceException,
  ResourceInUseException,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import type { Config } from "../../core/config/config.ts";
import { dynamodbClientSettings } from "../../core/storage/client-settings.ts";
import { TABLE_KEYS, type TableDeclaration } from "../../core/tables.ts";
import { StartError } from "./start-error.ts";
import { createTableInput, LOCAL_TABLES, missingIndexInputs, streamInput } from "./table-definition.ts";

const CREATION_TIMEOUT_SECONDS = 30;
const INDEX_TIMEOUT_MS = 600_000;
const INDEX_POLL_MS = 500;
const ANSWER_TIMEOUT_MS = 15_000;
/** The embedded engine builds an index before it answers. */
const CALL_TIMEOUT_MS = 120_000;

/** Thrown for a table that another version of the shop has made. */
export class OtherTableError extends StartError {
  override readonly name = "OtherTableError";
}

/**
 * Creates the declared tables that do not exist yet, and what tables of an earlier version lack.
 *
 * @param tables as the launcher makes them, unless given
 * @throws OtherTableError when one exists with another key
 * @throws StartError when the database does not answer, or refuses to create one
 */
export const createTables = async (config: Config, tables = LOCAL_TABLES): Promise<void> => {
  const client = new DynamoDBClient({
    ...dynamodbClientSettings(config.dynamodb),
    requestHandler: { requestTimeout: CALL_TIMEOUT_MS, throwOnRequestTimeout: true },
  });
  try {
    await untilAnswering(client, config);
    for (const key of TABLE_KEYS) await createTable(client, tables[key], config.dynamodb.tables[key]);
  } finally {
    client.destroy();
  }
};

/** Any answer will do, an error as well: what it says is for the calls that follow. */
const untilAnswering = async (client: DynamoDBClient, { dynamodb }: Config): Promise<void> => {
  const abortSignal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const probe = new DescribeTableCommand({ TableName: dynamodb.tables.products });
  try {
    await client.send(probe, { abortSignal });
  } catch (error) {
    if (error instanceof DynamoDBServiceException) return;
    const reason = abortSignal.aborted
      ? `no answer within ${ANSWER_TIMEOUT_MS / 1000} s`
      : (error as Error).message;
    throw new StartError(
      `The database at ${dynamodb.endpoint ?? `DynamoDB in ${dynamodb.region}`} does not answer: ${reason}.\n` +
        "Start it, or correct DYNAMODB_ENDPOINT; without that variable the shop starts a database of its own.",
    );
  }
};

const createTable = async (client: DynamoDBClient, table: TableDeclaration, name: string): Promise<void> => {
  let status: string | undefined;
  try {
    const { TableDescription } = await client.send(new CreateTableCommand(createTableInput(table, name)));
    status = TableDescription?.TableStatus;
  } catch (error) {
    if (error instanceof ResourceInUseException) return bringUpToDate(client, table, name);
    if (!(error instanceof DynamoDBServiceException)) throw error;
    throw new StartError(`The database did not create the table ${name}: ${error.message}`);
  }
  if (status !== "ACTIVE") {
    await waitUntilTableExists(
      { client, maxWaitTime: CREATION_TIMEOUT_SECONDS, minDelay: 1 },
      { TableName: name },
    );
  }
  if (!table.ttl) return;
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { AttributeName: table.ttl, Enabled: true },
    }),
  );
};

/** Adds the stream and the indexes that a table of an earlier version lacks. Those declared no more stay, for that version's sake. */
const bringUpToDate = async (
  client: DynamoDBClient,
  table: TableDeclaration,
  name: string,
): Promise<void> => {
  const { hashKey } = table.primaryIndex;
  const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
  const found = Table?.KeySchema?.find(({ KeyType }) => KeyType === "HASH")?.AttributeName;
  if (found !== hashKey) throw otherTable(name, found, hashKey);
  if (table.stream && !Table?.LatestStreamArn) {
    await client.send(new UpdateTableCommand({ TableName: name, ...streamInput(table) }));
  }
  const present = (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName }) => IndexName);
  for (const input of missingIndexInputs(table, name, present)) {
    await client.send(new UpdateTableCommand(input));
    await untilIndexesAreActive(client, name);
  }
};

const untilIndexesAreActive = async (client: DynamoDBClient, name: string): Promise<void> => {
  for (const until = Date.now() + INDEX_TIMEOUT_MS; ; await sleep(INDEX_POLL_MS)) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (Table?.GlobalSecondaryIndexes?.every(({ IndexStatus }) => IndexStatus === "ACTIVE")) return;
    if (Date.now() > until)
      throw new Error(`The new index of table ${name} is still being built; start again later`);
  }
};

const otherTable = (name: string, found: string | undefined, hashKey: string): OtherTableError =>
  new OtherTableError(
    `The table ${name} was made by another version of Stampede: its key is ${found}, not ${hashKey}.\n` +
      "Start with another DATA_DIR (or TABLE_PREFIX), or remove the data directory to begin anew.",
  );

/** Deletes the declared tables, those of a test. */
export const deleteTables = async ({ dynamodb }: Config): Promise<void> => {
  const client = new DynamoDBClient(dynamodbClientSettings(dynamodb));
  try {
    for (const key of TABLE_KEYS)
      await client.send(new DeleteTableCommand({ TableName: dynamodb.tables[key] }));
  } finally {
    client.destroy();
  }
};
