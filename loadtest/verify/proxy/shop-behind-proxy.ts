import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endPolitely } from "../../harness/end-politely.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { startEngine } from "../../harness/engine-and-redis.ts";
import { NO_HURRY_TO_PAY } from "../../harness/no-hurry.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { startShop } from "../../harness/shop-process.ts";
import { readState, type State } from "../checker/state.ts";
import { openProxy } from "./fault-proxy.ts";

/** The product that is for sale. */
export const PRODUCT = 1;
const PIECES = 1_000;

/** A transaction's request to DynamoDB, as the proxy sees it. */
export const TRANSACTION = /DynamoDB_20120810\.TransactWriteItems/;

export type ShopBehindProxy = Awaited<ReturnType<typeof startShopBehindProxy>>;

/** Starts a shop with a proxy between it and its database. All of it ends with the test file. */
export const startShopBehindProxy = async (environment: Record<string, string> = {}) => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-proxy-"));
  endWithTests(() => rm(dir, { recursive: true, force: true }));
  const engine = await startEngine(join(dir, "engine.db"));
  endWithTests(engine.stop);
  const proxy = await openProxy({ to: engine.port, keepsRequests: true });
  endWithTests(proxy.close);
  const shop = await startShop({
    DATA_DIR: dir,
    DYNAMODB_ENDPOINT: `http://127.0.0.1:${proxy.port}`,
    LOG_LEVEL: "WARN",
    ...NO_HURRY_TO_PAY, // A slow answer of a busy machine is not a lost one.
    ...environment,
  });
  endWithTests(() => endPolitely(shop)); // It has started a Redis of its own, which it ends.
  const client = clientOf(shop.url);
  const details = { product_id: PRODUCT, sku: "S", manufacturer: "M", category_id: 1, weight: 1, price: 5 };
  await client.post(`/products/${PRODUCT}/details`, { ...details, some_other_id: 1 });
  await client.put(`/products/${PRODUCT}/stock`, { available: PIECES });

  const stored = (): Promise<State> => readState(`http://127.0.0.1:${engine.port}`);
  return {
    engine,
    proxy,
    client,
    stored,
    /** Adds a piece to a user's cart. */
    add: (user: string) => client.post(`/cart/${user}/items`, { product_id: PRODUCT, quantity: 1 }),
    cartOf: async (user: string) => (await stored()).carts.find(({ user_id }) => user_id === user),
    ordersOf: async (user: string) => (await stored()).orders.filter(({ user_id }) => user_id === user),
  };
};
