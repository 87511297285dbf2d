import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { readConfig } from "../../core/config.ts";
import { dynamodbClientSettings } from "../../core/storage/database.ts";
import { createTables, OtherTableError } from "./create-tables.ts";

test("a table with another key is refused by name, with what to do", async () => {
  const config = readConfig();
  const tables = { ...config.dynamodb.tables, stock: `${config.dynamodb.tables.stock}-of-old` };
  const client = new DynamoDBClient(dynamodbClientSettings(config.dynamodb));
  await client.send(
    new CreateTableCommand({
      TableName: tables.stock,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "product_id", AttributeType: "N" }],
      KeySchema: [{ AttributeName: "product_id", KeyType: "HASH" }],
    }),
  );
  client.destroy();
  const creating = createTables({ ...config, dynamodb: { ...config.dynamodb, tables } });
  await expect(creating).rejects.toThrow(OtherTableError);
  await expect(creating).rejects.toThrow(/of-old was made by another version.*product_id, not stock_id/);
});

test("tables that are there already stay as they are", async () => {
  await expect(createTables(readConfig())).resolves.toBeUndefined();
});
