// biome-ignore-all lint/style/noExcessiveLinesPerFile: one shop does everything that is measured
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, expect, test, vi } from "vitest";
import { addToCart } from "../../core/cart/cart.ts";
import { readConfig } from "../../core/config/config.ts";
import { checkout } from "../../core/order/checkout.ts";
import { bucketOf } from "../../core/order/unfinished.ts";
import {
  METRIC_NAMESPACE,
  METRIC_SERVICE,
  METRICS,
  type MetricDeclaration,
} from "../../core/telemetry/metrics.ts";
import { openShop } from "../../core/testing/open-shop.ts";
import { NO_HURRY_TO_PAY } from "../../loadtest/harness/no-hurry.ts";
import { joinShop, type Launcher, launchShop } from "../../loadtest/harness/test-shops.ts";
import schema from "../testing/emf.schema.json" with { type: "json" };
import { openDelivery, RECEIVED } from "../testing/stripe/stripe-delivery.ts";
import { WEBHOOK_SECRET } from "../testing/stripe/stripe-messages.ts";
import { startStripe } from "../testing/stripe/stripe-stand-in.ts";

interface Line extends Record<string, unknown> {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

const DECLARED: Readonly<Record<string, MetricDeclaration>> = METRICS;
const MAX_LINE_BYTES = 256 * 1024;

/** A distribution as AWS's own exporters write it; the specification of the format names numbers only. */
const numbers = { type: "array", minItems: 1, maxItems: 100, items: { type: "number" } };
const weighted = {
  type: "object",
  required: ["Values", "Counts", "Min", "Max", "Count", "Sum"],
  additionalProperties: false,
  properties: {
    Values: numbers,
    Counts: { ...numbers, items: { type: "integer", minimum: 1 } },
    Min: { type: "number" },
    Max: { type: "number" },
    Count: { type: "integer", minimum: 1 },
    Sum: { type: "number" },
  },
};

let shop: Launcher;
let output: string[];
let lines: Line[];

const call = async (method: string, path: string, body?: unknown): Promise<number> => {
  const response = await fetch(shop.url + path, {
    method,
    headers: { "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
};

const buy = async (user: string, product_id: number, payment_method = "pm_card_visa"): Promise<number> => {
  await call("POST", `/cart/${user}/items`, { product_id, quantity: 1 });
  return call("POST", `/cart/${user}/checkout`, { payment_method });
};

/** Of this shop's short time limits a busy machine breaks one or the other, so another customer comes. */
const buyUntil = async (status: number, user: string, product_id: number, payment_method?: string) => {
  let customers = 0;
  await vi.waitFor(
    async () => expect(await buy(`${user}-${++customers}`, product_id, payment_method)).toBe(status),
    60_000,
  );
};

const withFault = async (service: string, work: () => Promise<void>, kind = "error"): Promise<void> => {
  expect(await call("POST", `/resilience/simulate/${service}`, { enable: true, kind })).toBe(200);
  await work();
  expect(await call("POST", `/resilience/simulate/${service}`, { enable: false })).toBe(200);
  expect(await call("POST", `/resilience/reset/${service}`)).toBe(200);
};

/** With a value above zero. */
const published = (name: string): boolean =>
  new RegExp(`"${name}":(?:\\{"Values":\\[[^\\]]*?)?[1-9]`).test(shop.stdout());
const untilPublished = (name: string, cause: () => Promise<unknown> = async () => undefined): Promise<void> =>
  vi.waitFor(
    async () => {
      await cause();
      expect(published(name), name).toBe(true);
    },
    { timeout: 60_000, interval: 50 },
  );

/** Orders that come to the shop's stream from elsewhere: one while its storage fails, and some that make no sense. */
const orderElsewhere = async (): Promise<void> => {
  const elsewhere = openShop(
    readConfig({ DYNAMODB_ENDPOINT: shop.services.engine.endpoint, LOG_LEVEL: "SILENT" }),
  );
  await withFault("dynamodb", async () => {
    await addToCart(elsewhere, "eve", { product_id: 1, quantity: 1 });
    await checkout(elsewhere, { userId: "eve", paymentMethod: "pm_card_visa" });
    await untilPublished("FulfilmentRetries");
    await untilPublished("CircuitRejections", () => call("GET", "/products/1/stock"));
  });
  const senseless = { order_id: "ORD-1", user_id: "eve", status: "confirmed" };
  await elsewhere.db.send(new PutCommand({ TableName: elsewhere.tables.orders, Item: senseless }));
  // One that no version of ours could have written, which the stream leaves to recovery.
  const broken = { order_id: "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC", pending_bucket: 8, settle_after: 0 };
  const Item = { ...senseless, ...broken, updated_at: "2026-11-22T15:04:05.120Z" };
  await elsewhere.db.send(new PutCommand({ TableName: elsewhere.tables.orders, Item }));
  await elsewhere.products.close();
};

/** The output of a process that takes credentials, and refuses guessed ones. */
const keptOut = async (): Promise<string> => {
  const settings = { AUTH: "jwt", RATE_LIMIT_FAILURES_PER_MINUTE: "6", METRICS_INTERVAL_MS: "100" };
  const guarded = await joinShop(shop, shop.services.redis?.url ?? "", settings);
  for (let status = 0; status !== 429; ) {
    ({ status } = await fetch(`${guarded.url}/products`, { headers: { "x-api-key": "guessed" } }));
  }
  guarded.kill("SIGINT");
  await guarded.closed;
  return guarded.stdout();
};

/** An order that somebody has cancelled, after the processor had charged it. */
const owedRefund = async (): Promise<void> => {
  const { db, tables, products } = openShop(
    readConfig({ DYNAMODB_ENDPOINT: shop.services.engine.endpoint, LOG_LEVEL: "SILENT" }),
  );
  const order_id = "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABD";
  const charge = { charge_key: order_id, outcome: "approved", amount_cents: 1_999, attempts: 1 };
  await db.send(new PutCommand({ TableName: tables.charges, Item: charge }));
  const at = "2026-11-22T15:04:05.120Z";
  const refund = { status: "pending", cents: 1_999, at };
  const owed = { status: "cancelled", refund, pending_bucket: bucketOf(order_id, "refund"), settle_after: 0 };
  const order = { order_id, user_id: "gil", total_cents: 1_999, created_at: at, updated_at: at };
  await db.send(new PutCommand({ TableName: tables.orders, Item: { ...order, ...owed } }));
  await products.close();
  for (const name of ["RefundsMade", "RefundAge"]) await untilPublished(name);
};

/** The output of a process that Stripe tells of a refund, which the bank then sends back, and of a dispute. */
const messaged = async (): Promise<string> => {
  const stripe = await startStripe();
  const charging = await joinShop(shop, shop.services.redis?.url ?? "", {
    ...NO_HURRY_TO_PAY,
    PAYMENT_GATEWAY: "stripe",
    STRIPE_API_BASE: stripe.url,
    STRIPE_SECRET_KEY: stripe.secretKey,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    METRICS_INTERVAL_MS: "100",
  });
  const post = (path: string, body: object) =>
    fetch(charging.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  await post("/cart/hal/items", { product_id: 1, quantity: 1 });
  await post("/cart/hal/checkout", { payment_method: "pm_card_visa" });
  const [{ id = "" } = {}] = stripe.intents.all();
  const deliver = openDelivery(charging.url);
  stripe.refunds.create({ payment_intent: id });
  expect(await deliver(stripe.events.at(-1) ?? {})).toEqual(RECEIVED);
  expect(await deliver(stripe.refunds.fail(id, "lost_or_stolen_card"))).toEqual(RECEIVED);
  expect(await deliver(stripe.refunds.dispute(id, "created", "needs_response"))).toEqual(RECEIVED);
  charging.kill("SIGINT");
  await charging.closed;
  stripe.close();
  return charging.stdout();
};

/** Two processes that sell one product meet at its counter, until the shop gives it more of them. */
const buyFromTwoProcesses = async (): Promise<void> => {
  const elsewhere = openShop(
    readConfig({
      DYNAMODB_ENDPOINT: shop.services.limits?.endpoint ?? "",
      LOG_LEVEL: "SILENT",
      STOCK_AUTO_SHARDS: "1",
    }),
  );
  const buyElsewhere = async (userId: string): Promise<void> => {
    await addToCart(elsewhere, userId, { product_id: 5, quantity: 1 });
    await checkout(elsewhere, { userId, paymentMethod: "pm_card_visa" });
  };
  let buyers = 0;
  for (const name of ["DynamoDBConflicts", "StockLayoutChanges"]) {
    await untilPublished(name, () =>
      Promise.all(
        Array.from({ length: 10 }, () => {
          buyers += 1;
          return [buy(`here-${buyers}`, 5), buyElsewhere(`there-${buyers}`)];
        }).flat(),
      ),
    );
  }
  await elsewhere.products.close();
};

beforeAll(async () => {
  shop = await launchShop({
    DYNAMODB_LIMITS: "transactions",
    CATALOG_SIZE: "20",
    LOG_LEVEL: "INFO",
    METRICS_INTERVAL_MS: "100",
    DYNAMODB_TIMEOUT_MS: "500",
    OBJECTIVE_READ_MS: "1",
    PAYMENT_TIMEOUT_MS: "200",
    PAYMENT_SETTLE_LIMIT_MS: "500",
    RECOVERY_INTERVAL_MS: "100",
  });
  for (const path of ["/products/1", "/products/1", "/products/2147483647", "/cart/a..b", "/nothing"])
    await call("GET", path);
  await buyUntil(201, "ann", 1);
  await buyUntil(402, "ben", 1, "pm_card_chargeDeclined");
  await buyUntil(202, "dan", 1, "pm_processor_down");
  await call("PUT", "/products/2/stock", { available: 0 });
  await buyUntil(409, "cat", 2);
  await withFault(
    "dynamodb",
    async () => expect(await call("GET", "/products/1/stock")).toBe(503),
    "throttle",
  );
  await withFault("payment", async () => {
    for (let status = 0, buyer = 0; status !== 503; buyer++) status = await buy(`fay-${buyer}`, 3);
  });
  await buyFromTwoProcesses();
  await orderElsewhere();
  // The engine itself, for an injected fault stands in front of it.
  process.kill(shop.services.engine.pid, "SIGSTOP");
  // The signal may reach it after the next call does.
  await vi.waitFor(async () => expect(await call("GET", "/products/4/stock")).toBe(503), 30_000);
  process.kill(shop.services.engine.pid, "SIGCONT");
  for (const name of ["DynamoDBErrors", "DeadLetters", "OrdersCancelled", "FulfilmentAge", "UnfulfilledAge"])
    await untilPublished(name);
  await owedRefund();
  const byStripe = await messaged();
  // More at once than one turn of the event loop begins, and than can be answered within a millisecond.
  for (const name of ["QueueWait", "RequestsShed"]) {
    await untilPublished(name, () =>
      Promise.all(Array.from({ length: 600 }, (_, i) => call("GET", `/products?limit=${1 + (i % 20)}`))),
    );
  }
  const guarded = await keptOut();
  shop.kill("SIGINT");
  expect(await shop.exited).toBe(0);
  await shop.closed;
  output = (shop.stdout() + guarded + byStripe).split("\n").filter(Boolean);
  lines = output.filter((line) => line.includes('"_aws"')).map((line) => JSON.parse(line) as Line);
});

test("standard output is one JSON object a line, and nothing else", () => {
  expect(output.length).toBeGreaterThan(lines.length);
  for (const line of output) expect(JSON.parse(line), line).toBeTypeOf("object");
});

test("every metric line holds to the specification of the embedded metric format", () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  const validate = ajv.compile(schema);
  const validateWeighted = ajv.compile(weighted);
  for (const line of lines) {
    expect(validate(line), `${JSON.stringify(validate.errors)} in ${JSON.stringify(line)}`).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(line))).toBeLessThan(MAX_LINE_BYTES);
    for (const { Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
      for (const dimension of Dimensions.flat()) expect(line[dimension]).toMatch(/^.{1,1024}$/);
      for (const { Name } of Metrics) {
        const target = line[Name];
        if (typeof target === "number") continue;
        expect(validateWeighted(target), `${JSON.stringify(validateWeighted.errors)} in ${Name}`).toBe(true);
        const { Values, Counts, Count } = target as { Values: number[]; Counts: number[]; Count: number };
        expect(Counts, Name).toHaveLength(Values.length);
        expect(
          Counts.reduce((sum, times) => sum + times, 0),
          Name,
        ).toBe(Count);
      }
    }
  }
});

test("every metric is declared, with its unit and exactly its dimensions", () => {
  for (const line of lines) {
    expect(line.service).toBe(METRIC_SERVICE);
    for (const { Namespace, Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
      expect(Namespace).toBe(METRIC_NAMESPACE);
      for (const { Name, Unit } of Metrics) {
        const declared = DECLARED[Name];
        expect(Unit, Name).toBe(declared?.unit);
        expect(Dimensions, Name).toEqual([["service", ...(declared?.dimension ? [declared.dimension] : [])]]);
        if (declared?.kind === "sum") expect(line[Name], Name).toBeTypeOf("number");
      }
    }
  }
});

test("every declared metric is published, none excepted", () => {
  const names = lines.flatMap(({ _aws }) => _aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics));
  expect([...new Set(names.map(({ Name }) => Name))].toSorted()).toEqual(Object.keys(DECLARED).toSorted());
});
