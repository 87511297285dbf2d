import {
  type AttributeValue,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { readConfig } from "../../core/config/config.ts";
import { dynamodbClientSettings } from "../../core/storage/client-settings.ts";
import { TABLES } from "../../core/tables.ts";
import { createTables, OtherTableError } from "./create-tables.ts";
import { createTableInput } from "./table-definition.ts";

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

test("a table that an earlier version made gets the indexes it lacks, with what it holds already", async () => {
  const config = readConfig();
  const orders = `${config.dynamodb.tables.orders}-of-old`;
  const client = new DynamoDBClient(dynamodbClientSettings(config.dynamodb));
  const { GlobalSecondaryIndexes: _, ...old } = createTableInput(TABLES.orders, orders);
  const AttributeDefinitions = [{ AttributeName: "order_id", AttributeType: "S" as const }];
  await client.send(new CreateTableCommand({ ...old, AttributeDefinitions }));
  const Item = {
    order_id: { S: "a" },
    user_id: { S: "ann" },
    pending_bucket: { N: "3" },
    settle_after: { N: "5" },
    updated_at: { S: "now" },
  };
  await client.send(new PutItemCommand({ TableName: orders, Item: { ...Item, total_cents: { N: "9" } } }));
  await createTables({
    ...config,
    dynamodb: { ...config.dynamodb, tables: { ...config.dynamodb.tables, orders } },
  });
  const query = async (IndexName: string, key: string, value: AttributeValue) => {
    const { Items } = await client.send(
      new QueryCommand({
        TableName: orders,
        IndexName,
        KeyConditionExpression: `${key} = :value`,
        ExpressionAttributeValues: { ":value": value },
      }),
    );
    return Items;
  };
  const { user_id, order_id, ...unfinished } = Item;
  expect(await query("unfinished", "pending_bucket", { N: "3" })).toEqual([{ order_id, ...unfinished }]);
  expect(await query("userOrders", "user_id", { S: "ann" })).toEqual([{ order_id, user_id }]);
  client.destroy();
});

test("a products table that an earlier version made gets the stream that feeds the search index", async () => {
  const config = readConfig();
  const products = `${config.dynamodb.tables.products}-of-old`;
  const client = new DynamoDBClient(dynamodbClientSettings(config.dynamodb));
  await client.send(new CreateTableCommand(createTableInput(TABLES.products, products)));
  await createTables({
    ...config,
    dynamodb: { ...config.dynamodb, tables: { ...config.dynamodb.tables, products } },
  });
  const { Table } = await client.send(new DescribeTableCommand({ TableName: products }));
  client.destroy();
  expect(Table?.LatestStreamArn).toBeDefined();
});
