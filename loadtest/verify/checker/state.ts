import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";

export interface OrderRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly lines: readonly {
    readonly product_id: number;
    readonly quantity: number;
    readonly price_cents: number;
  }[];
  readonly total_cents: number;
  readonly status: string;
  /** The checkout's first answer. */
  readonly answer?: { readonly payment?: { readonly attempts: number } };
  /** Lines that the cart had no room for when the unpaid order gave them back. */
  readonly not_restored?: readonly { readonly product_id: number; readonly quantity: number }[];
}

/** One counter of a product's stock, which may be split over several. */
export interface StockRow {
  readonly product_id: number;
  readonly shard: number;
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
}

export interface CartRow {
  readonly user_id: string;
  readonly version: number;
  readonly quantities: Readonly<Record<string, number>>;
}

/** A line in the payment processor's books. */
export interface ChargeRow {
  readonly charge_key: string;
  readonly outcome?: string;
  readonly amount_cents?: number;
  readonly processed_at?: string;
  readonly refunded_at?: string;
}

/** Which order an idempotency key led to; the key is `user#key`. */
export interface ClaimRow {
  readonly idempotency_key: string;
  readonly order_id: string;
}

/** A stream record that could not be processed. */
export interface DeadLetterRow {
  readonly record_id: string;
  readonly reason: string;
}

/** The shop's stored state when all is quiet. */
export interface State {
  readonly orders: readonly OrderRow[];
  readonly stock: readonly StockRow[];
  readonly carts: readonly CartRow[];
  readonly charges: readonly ChargeRow[];
  readonly claims: readonly ClaimRow[];
  readonly deadLetters: readonly DeadLetterRow[];
}

/** The endpoint of the embedded DynamoDB of the shop that runs on a data directory. */
export const endpointOf = async (dataDir: string): Promise<string> => {
  const { engine } = JSON.parse(await readFile(join(dataDir, "owner.json"), "utf8"));
  if (typeof engine?.endpoint !== "string") throw new Error(`No shop with an engine runs on ${dataDir}`);
  return engine.endpoint;
};

/** Reads the tables behind the shop's back. */
export const readState = (endpoint: string, prefix?: string): Promise<State> =>
  withScan(endpoint, prefix, async (scan) => ({
    orders: await scan("orders"),
    stock: await scan("stock"),
    carts: await scan("carts"),
    charges: await scan("charges"),
    claims: await scan("idempotency"),
    deadLetters: await scan("deadLetters"),
  }));

/** Reads the stock of every product, to be held against what there is after a load. */
export const readStock = (endpoint: string, prefix?: string): Promise<StockRow[]> =>
  withScan(endpoint, prefix, (scan) => scan("stock"));

/** Reads the orders, such as to see whether any is open. */
export const readOrders = (endpoint: string, prefix?: string): Promise<OrderRow[]> =>
  withScan(endpoint, prefix, (scan) => scan("orders"));

type Scan = <T>(table: string) => Promise<T[]>;

const withScan = async <R>(
  endpoint: string,
  prefix = "stampede-",
  read: (scan: Scan) => Promise<R>,
): Promise<R> => {
  const client = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const documents = DynamoDBDocumentClient.from(client);
  const scan = async <T>(table: string): Promise<T[]> => {
    const rows: T[] = [];
    const pages = paginateScan({ client: documents }, { TableName: prefix + table, ConsistentRead: true });
    for await (const { Items = [] } of pages) rows.push(...(Items as T[]));
    return rows;
  };
  try {
    return await read(scan);
  } finally {
    client.destroy();
  }
};

/** Pieces by product number, in the order of the numbers. */
export const quantitiesOf = ({ lines }: Pick<OrderRow, "lines">): Record<string, number> =>
  Object.fromEntries(lines.map(({ product_id, quantity }) => [String(product_id), quantity]));

/** Pieces by product number that an unpaid order gave back to the cart. */
export const givenBackOf = ({ lines, not_restored = [] }: OrderRow): Record<string, number> => {
  const left = new Map(not_restored.map(({ product_id, quantity }) => [product_id, quantity]));
  return Object.fromEntries(
    lines.flatMap(({ product_id, quantity }) => {
      const back = quantity - (left.get(product_id) ?? 0);
      return back > 0 ? [[String(product_id), back]] : [];
    }),
  );
};
