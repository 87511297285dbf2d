/**
 * The DynamoDB calls of a checkout of one line and of its fulfilment, made by the SDK's document client at its
 * defaults behind bare `Bun.serve`: no cache, no validation, no retry policy, no log. It works on the shop's own
 * tables, as the environment names them; prints the port.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DynamoDBDocumentClient,
  GetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { ulid } from "ulid";

const db = DynamoDBDocumentClient.from(
  new DynamoDBClient({
    endpoint: process.env.DYNAMODB_ENDPOINT as string,
    region: "eu-central-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  }),
);
const carts = "stampede-carts";
const products = "stampede-products";
const orders = "stampede-orders";
const stock = "stampede-stock";
const charges = "stampede-charges";
/** The shop has eight for either stage of an unfinished order. */
const BUCKETS = 8;
const AN_HOUR_MS = 3_600_000;

const checkOut = async (userId: string): Promise<string> => {
  const now = Date.now();
  const at = new Date(now).toISOString();
  const order_id = `ORD-${ulid(now)}`;
  const { Item: cart } = await db.send(
    new GetCommand({ TableName: carts, Key: { user_id: userId }, ConsistentRead: true }),
  );
  const [line] = Object.entries(cart?.quantities ?? {});
  if (!cart || !line) throw new Error(`${userId} has nothing in the cart`);
  const product_id = Number(line[0]);
  const quantity = Number(line[1]);
  const { Item: product } = await db.send(
    new GetCommand({ TableName: products, Key: { product_id }, ConsistentRead: true }),
  );
  const total_cents = quantity * product?.price_cents;
  const bucket = order_id.charCodeAt(order_id.length - 1) % BUCKETS;
  await db.send(
    new TransactWriteCommand({
      TransactItems: [
        {
          Put: {
            TableName: orders,
            Item: {
              order_id,
              user_id: userId,
              lines: [{ product_id, quantity, price_cents: product?.price_cents }],
              reservations: [{ product_id, quantity, shard: 0 }],
              total_cents,
              // Not the shop's own statuses: its stream must not fulfil these orders too.
              status: "bare_pending",
              payment_method: "pm_card_visa",
              created_at: at,
              updated_at: at,
              pending_bucket: bucket,
              settle_after: now + AN_HOUR_MS,
              settle_attempts: 0,
            },
            ConditionExpression: "attribute_not_exists(order_id)",
          },
        },
        {
          Update: {
            TableName: carts,
            Key: { user_id: userId },
            UpdateExpression:
              "SET quantities = :none, updated_at = :at, expires_at = :expires_at ADD version :one",
            ConditionExpression: "version = :version",
            ExpressionAttributeValues: {
              ":none": {},
              ":at": at,
              ":expires_at": Math.floor((now + AN_HOUR_MS) / 1_000),
              ":one": 1,
              ":version": cart.version,
            },
          },
        },
        moveStock(product_id, quantity, "available", "reserved"),
      ],
    }),
  );
  // The simulated payment processor's books.
  await db.send(
    new UpdateCommand({
      TableName: charges,
      Key: { charge_key: order_id },
      UpdateExpression:
        "SET amount_cents = :amount, payment_method = :method, outcome = :approved, processed_at = :at ADD attempts :one",
      ConditionExpression: "attribute_not_exists(outcome)",
      ExpressionAttributeValues: {
        ":amount": total_cents,
        ":method": "pm_card_visa",
        ":approved": "approved",
        ":at": at,
        ":one": 1,
      },
      ReturnValues: "ALL_NEW",
    }),
  );
  await db.send(
    new UpdateCommand({
      TableName: orders,
      Key: { order_id },
      UpdateExpression:
        "SET #status = :status, updated_at = :at, answer = :answer, pending_bucket = :bucket, settle_after = :due",
      ConditionExpression: "#status = :pending",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: {
        ":status": "bare_confirmed",
        ":pending": "bare_pending",
        ":at": at,
        ":answer": { status: "confirmed", order_id, total_cents, at },
        ":bucket": BUCKETS + bucket,
        ":due": now + AN_HOUR_MS,
      },
    }),
  );
  void fulfil(order_id);
  return order_id;
};

const fulfil = async (order_id: string): Promise<void> => {
  const { Item: order } = await db.send(
    new GetCommand({ TableName: orders, Key: { order_id }, ConsistentRead: true }),
  );
  const [reservation] = order?.reservations ?? [];
  await db.send(
    new TransactWriteCommand({
      TransactItems: [
        {
          Update: {
            TableName: orders,
            Key: { order_id },
            UpdateExpression: "SET #status = :status, updated_at = :at REMOVE pending_bucket, settle_after",
            ConditionExpression: "#status = :confirmed",
            ExpressionAttributeNames: { "#status": "status" },
            ExpressionAttributeValues: {
              ":status": "bare_fulfilled",
              ":confirmed": "bare_confirmed",
              ":at": new Date().toISOString(),
            },
          },
        },
        moveStock(reservation.product_id, reservation.quantity, "reserved", "sold"),
      ],
    }),
  );
};

const moveStock = (product_id: number, quantity: number, from: string, to: string) => ({
  Update: {
    TableName: stock,
    Key: { stock_id: `${product_id}#0` },
    UpdateExpression: `ADD ${from} :minus, ${to} :plus`,
    ConditionExpression: `${from} >= :plus`,
    ExpressionAttributeValues: { ":minus": -quantity, ":plus": quantity },
  },
});

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  routes: {
    "/cart/:user/checkout": async ({ params }) =>
      Response.json({ order_id: await checkOut(params.user) }, { status: 201 }),
  },
});
console.log(`PORT ${server.port}`);
