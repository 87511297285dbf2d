import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test, vi } from "vitest";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { type ShopProcess, startShop } from "../../harness/shop-process.ts";

const KILLS = 2;
const BUYERS = 12;
const PRODUCTS = [1, 2, 3];
const PIECES = 1_000;
const METHODS = ["pm_card_visa", "pm_card_visa", "pm_card_chargeDeclined", "pm_timeout_after_charge"];

/** One attempt at an order: what the client knows of it. */
interface Attempt {
  readonly user: string;
  readonly method: string;
  /** Undefined when the answer never came. */
  status?: number;
  orderId?: string;
}

test("kill -9 at any moment of a checkout loses and leaks nothing", async () => {
  const environment = {
    DATA_DIR: await mkdtemp(join(tmpdir(), "stampede-kill-")),
    LOG_LEVEL: "WARN",
    PAYMENT_TIMEOUT_MS: "200",
    REQUEST_DEADLINE_MS: "10000",
    RECOVERY_INTERVAL_MS: "200",
  };
  const start = async (): Promise<ShopProcess> => {
    const shop = await startShop(environment);
    endWithTests(() => {
      shop.kill("SIGTERM"); // In peace, so that it ends its engine.
      return shop.exited;
    });
    return shop;
  };
  endWithTests(() => rm(environment.DATA_DIR, { recursive: true, force: true }));
  const attempts: Attempt[] = [];

  for (let kill = 0; kill < KILLS; kill++) {
    const shop = await start();
    const client = clientOf(shop.url);
    if (kill === 0) {
      for (const id of PRODUCTS) {
        await untilOk(() => client.put(`/products/${id}/stock`, { available: PIECES }));
      }
    }
    const round = Array.from({ length: BUYERS }, (_, i): Attempt => {
      return { user: `buyer-${kill}-${i}`, method: METHODS[i % METHODS.length] ?? "pm_card_visa" };
    });
    attempts.push(...round);
    await Promise.all(round.flatMap(({ user }) => PRODUCTS.map((product) => fill(client, user, product))));
    const checkOut = async (attempt: Attempt): Promise<void> => {
      const { status, body } = await client.post(
        `/cart/${attempt.user}/checkout`,
        { payment_method: attempt.method },
        { "idempotency-key": "one" },
      );
      attempt.status = status;
      attempt.orderId = body.order_id ?? body.details?.order_id;
    };
    // Settled rather than awaited: the kill cuts answers off, and that is no failure.
    const buying = Promise.allSettled(round.map(checkOut));
    await Bun.sleep(Math.random() * 250);
    shop.kill("SIGKILL");
    expect(await shop.exited).toBe("SIGKILL");
    await buying;
  }

  const shop = await start();
  const client = clientOf(shop.url);
  // Buyers without an answer, or told to come back, retry under the same key as a careful client does.
  const retry = (attempt: Attempt): Promise<void> =>
    vi.waitFor(
      async () => {
        const { status, body } = await client.post(
          `/cart/${attempt.user}/checkout`,
          { payment_method: attempt.method },
          { "idempotency-key": "one" },
        );
        expect([201, 202, 402]).toContain(status);
        attempt.status = status;
        attempt.orderId = body.order_id ?? body.details?.order_id;
      },
      { timeout: 60_000, interval: 200 },
    );
  await Promise.all(attempts.filter(({ status = 503 }) => status === 503).map(retry));

  const { orders, charges } = await vi.waitFor(
    async () => {
      const tables = await readTables(environment.DATA_DIR);
      const open = tables.orders.filter(
        ({ status }) => status === "pending_payment" || status === "confirmed",
      );
      expect(open).toEqual([]);
      return tables;
    },
    { timeout: 60_000, interval: 250 },
  );

  // Every acknowledged order is there, once a buyer, and ended as its payment says.
  expect(orders).toHaveLength(attempts.length);
  for (const { user, method, orderId } of attempts) {
    const own = orders.filter(({ user_id }) => user_id === user);
    const expected = method === "pm_card_chargeDeclined" ? "payment_failed" : "fulfilled";
    expect(own.map(({ order_id, status }) => [order_id, status])).toEqual([[orderId, expected]]);
  }
  // Exactly the fulfilled orders were charged.
  const charged = charges.filter(({ outcome }) => outcome === "approved").map(({ charge_key }) => charge_key);
  const fulfilled = orders.filter(({ status }) => status === "fulfilled").map(({ order_id }) => order_id);
  expect(charged.toSorted()).toEqual(fulfilled.toSorted());
  // No piece was lost, leaked or sold twice; the declined buyers have their carts back.
  for (const id of PRODUCTS) {
    expect((await client.get(`/products/${id}/stock`)).body).toEqual({
      product_id: id,
      available: PIECES - fulfilled.length,
      reserved: 0,
      sold: fulfilled.length,
    });
  }
  for (const { user, method } of attempts) {
    const { items } = (await client.get(`/cart/${user}`)).body;
    expect(items).toHaveLength(method === "pm_card_chargeDeclined" ? PRODUCTS.length : 0);
  }
  shop.kill("SIGTERM");
  expect(await shop.exited).toBe(0);
}, 300_000);

/** A busy machine may take several attempts. */
const untilOk = (call: () => Promise<{ readonly status: number }>): Promise<void> =>
  vi.waitFor(async () => expect((await call()).status).toBe(200), { timeout: 60_000, interval: 100 });

/** Puts one piece into a cart, though more than one attempt may count. */
const fill = async (client: ReturnType<typeof clientOf>, user: string, product_id: number): Promise<void> => {
  await untilOk(() => client.post(`/cart/${user}/items`, { product_id, quantity: 1 }));
  await untilOk(() => client.put(`/cart/${user}/items/${product_id}`, { quantity: 1 }));
};

type Row = Record<string, unknown>;

/** Orders and the payment processor's books, read behind the shop's back. */
const readTables = async (dataDir: string): Promise<{ orders: Row[]; charges: Row[] }> => {
  const { engine } = JSON.parse(await readFile(join(dataDir, "owner.json"), "utf8"));
  const client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const documents = DynamoDBDocumentClient.from(client);
  const scan = async (table: string): Promise<Row[]> =>
    (await documents.send(new ScanCommand({ TableName: table, ConsistentRead: true }))).Items ?? [];
  try {
    return { orders: await scan("stampede-orders"), charges: await scan("stampede-charges") };
  } finally {
    client.destroy();
  }
};
