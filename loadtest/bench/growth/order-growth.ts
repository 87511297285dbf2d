import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { ulid } from "ulid";
import { figure, timesFigure } from "../../experiments/lab-figures.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { get } from "../speed/requests.ts";
import { costOf } from "../speed/rounds.ts";
import { type ShopProgram, startDefaultShop } from "../speed/speed-programs.ts";
import { type Client, fillCarts } from "../speed/subjects.ts";
import { describe, type Part, repeated } from "./growth-part.ts";

const SIZES = [10, 100, 1_000, 10_000];
const TABLE = "stampede-orders";
const BATCH = 25;
const FULFILLED_TIMEOUT_MS = 30_000;

/** Users with more and more orders: the first page of their list, and one in its middle. */
export const growOrders: Part = async ({ dir, rounds, faults }) => {
  const shop = await startDefaultShop(dir, { CATALOG_SIZE: "1000" });
  try {
    const client = clientOf(shop.url);
    const model = await fulfilledOrder(client);
    const samples = new Map<number, Record<string, number[]>>();
    // The first, once more, lets the runtime compile what is hot.
    for (const [turn, size] of [...SIZES.slice(0, 1), ...SIZES].entries()) {
      console.error(`orders: ${size}`);
      const user = `customer-${turn}`;
      await copyOrders(shop, model, user, size);
      const first = `/orders?user_id=${user}`;
      const middle = await middlePage(client, first, size);
      const figures = await repeated(rounds, async () => {
        const onFirst = faults.note(`first page of ${size} orders`, await costOf(shop, dir, [get(first)]));
        const onMiddle = faults.note(`middle page of ${size} orders`, await costOf(shop, dir, [get(middle)]));
        await shop.emptyLog();
        return {
          firstCpu: onFirst.cpu,
          firstMs: onFirst.p50,
          middleCpu: onMiddle.cpu,
          middleMs: onMiddle.p50,
        };
      });
      samples.set(size, figures);
    }
    return describe(
      {
        name: "orders",
        title: "Orders of a user",
        size: "orders",
        curves: [
          { id: "firstCpu", label: "first page", unit: "µs CPU", better: "lower", chart: "CPU" },
          { id: "middleCpu", label: "page in the middle", unit: "µs CPU", better: "lower", chart: "CPU" },
          { id: "firstMs", label: "first page p50", unit: "ms", better: "lower", chart: "latency" },
          { id: "middleMs", label: "page in the middle p50", unit: "ms", better: "lower", chart: "latency" },
        ],
        summarize: (at, { least, most }) => [
          {
            question: `A page of a user's ${figure(most)} orders?`,
            figure: timesFigure([at(most, "firstCpu")], [at(least, "firstCpu")]),
            answer: `CPU of the first page, to that of a user with ${least} orders.`,
            detail: `The first page takes ${figure(at(least, "firstCpu"))} to ${figure(at(most, "firstCpu"))} µs, one in the middle ${figure(at(least, "middleCpu"))} to ${figure(at(most, "middleCpu"))} µs.`,
            chart: "growth.orders.CPU",
          },
        ],
        notes: ["Pages of the default length, 16 clients. The orders are copies of a fulfilled one."],
      },
      samples,
    );
  } finally {
    await shop.stop();
  }
};

/** @returns the id of an order that nothing more happens to */
const fulfilledOrder = async (client: Client): Promise<string> => {
  await fillCarts(client, "model", 1, 1);
  const id = (await client.post("/cart/model-0/checkout")).body.order_id as string;
  for (const giveUpAt = Date.now() + FULFILLED_TIMEOUT_MS; ; await Bun.sleep(50)) {
    if ((await client.get(`/orders/${id}`)).body.status === "fulfilled") return id;
    if (Date.now() > giveUpAt) throw new Error("The order was not fulfilled");
  }
};

/** Writes orders past the shop: to buy ten thousand would take minutes. */
const copyOrders = async (shop: ShopProgram, model: string, user: string, count: number): Promise<void> => {
  const db = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: shop.environment.DYNAMODB_ENDPOINT ?? "",
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    }),
  );
  try {
    const { Item: order } = await db.send(new GetCommand({ TableName: TABLE, Key: { order_id: model } }));
    for (let written = 0; written < count; written += BATCH) {
      const puts = Array.from({ length: Math.min(BATCH, count - written) }, (_, i) => ({
        // A millisecond apart, so that their order is certain.
        PutRequest: { Item: { ...order, order_id: `ORD-${ulid(Date.now() + written + i)}`, user_id: user } },
      }));
      const { UnprocessedItems } = await db.send(new BatchWriteCommand({ RequestItems: { [TABLE]: puts } }));
      if (UnprocessedItems?.[TABLE]?.length) throw new Error("The database did not take all orders");
    }
  } finally {
    db.destroy();
  }
};

const middlePage = async (client: Client, first: string, size: number): Promise<string> => {
  let page = first;
  for (let seen = 0; ; ) {
    const { orders, next_cursor } = (await client.get(page)).body;
    seen += orders.length;
    if (seen >= size / 2 || !next_cursor) return page;
    page = `${first}&cursor=${encodeURIComponent(next_cursor)}`;
  }
};
