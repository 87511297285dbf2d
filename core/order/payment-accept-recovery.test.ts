import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createTables } from "../../functions/local/create-tables.ts";
import { WITHOUT_STREAMS } from "../../functions/testing/tables-without-streams.ts";
import { readConfig } from "../config/config.ts";
import { getStock } from "../stock/stock.ts";
import { allItems, chargeOf, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { captureLines } from "../testing/lines.ts";
import {
  type AcceptingShop,
  breakPayment,
  LONG,
  mendPayment,
  openAcceptingShop,
  openPaymentCircuit,
} from "../testing/payment-outage.ts";
import { checkout } from "./checkout.ts";
import { getOrder, readOrder } from "./order.ts";
import { recoverOrders } from "./recovery.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let environment: NodeJS.ProcessEnv;
let tests = 0;
const opened: AcceptingShop[] = [];

beforeEach(async () => {
  // Tables of the test's own: shops of earlier tests settle what they find, some seconds later too.
  tests += 1;
  environment = { ...process.env, TABLE_PREFIX: `${process.env.TABLE_PREFIX}${tests}-` };
  await createTables(readConfig(environment), WITHOUT_STREAMS);
});
afterEach(() => {
  for (const shop of opened.splice(0)) mendPayment(shop);
});

const open = (): AcceptingShop => {
  const shop = openAcceptingShop({}, environment);
  opened.push(shop);
  return shop;
};

/** A shop whose processor is away, with orders that it has accepted. */
const openWithDeferred = async (orders = 1) => {
  const shop = open();
  const product = await stockedProduct(shop, 1_000);
  await openPaymentCircuit(shop);
  const ids: string[] = [];
  while (ids.length < orders) {
    const userId = await userWithCart(shop, [product, 1]);
    const { order } = await checkout(shop, { userId, paymentMethod: "pm_card_visa" });
    ids.push(order.order_id);
  }
  expect(shop.deferred.stats().orders).toBe(orders);
  return { shop, product, ids, id: ids[0] ?? "" };
};

test("an order accepted an hour before the processor is back is confirmed, and charged once", async () => {
  const { shop, id } = await openWithDeferred();
  shop.advance(HOUR);
  mendPayment(shop);
  await vi.waitFor(async () => {
    expect(await getOrder(shop, id)).toMatchObject({ status: "confirmed" });
  }, LONG);
  expect(await chargeOf(shop, id)).toMatchObject({ outcome: "approved", attempts: 1 });
  expect(await allItems(shop, "charges")).toHaveLength(1);
});

test("an order that was accepted more than a day ago is cancelled, and gives its pieces back", async () => {
  const { shop, product, id } = await openWithDeferred();
  shop.advance(DAY + HOUR);
  mendPayment(shop);
  await vi.waitFor(async () => {
    expect(await getOrder(shop, id)).toMatchObject({ status: "cancelled" });
  }, LONG);
  expect(await chargeOf(shop, id)).toMatchObject({ outcome: "cancelled" });
  expect(await getStock(shop, product)).toMatchObject({ reserved: 0 });
});

test("orders of a process that is gone are settled by one round of another's recovery, each charged once", async () => {
  // It never learns of the return.
  const { shop: gone, product, ids } = await openWithDeferred(30);
  const heir = open();
  expect(await recoverOrders(heir)).toMatchObject({ settled: ids.length, stillPending: 0, failed: 0 });
  for (const id of ids) {
    expect(await getOrder(heir, id)).toMatchObject({ status: "confirmed" });
    expect(await chargeOf(heir, id)).toMatchObject({ outcome: "approved", attempts: 1 });
  }
  expect(await getStock(gone, product)).toMatchObject({ reserved: ids.length });
});

test("another process that asks the absent processor leaves accepted orders due, and their delay as it was", async () => {
  const { id, shop } = await openWithDeferred();
  const { settle_after, settle_attempts } = await readOrder(shop, id);
  // As a function on AWS that runs recovery, it knows nothing of the outage.
  const other = open();
  other.advance(HOUR);
  breakPayment(other);
  for (let run = 0; run < 3; run++) expect(await recoverOrders(other)).toMatchObject({ stillPending: 1 });
  expect(await readOrder(shop, id)).toMatchObject({
    status: "pending_payment",
    settle_after,
    settle_attempts,
  });
});

test("a charge that fails for a reason of its own is tried again after growing delays", async () => {
  const { shop, product } = await openWithDeferred();
  const userId = await userWithCart(shop, [product, 1]);
  const { order } = await checkout(shop, { userId, paymentMethod: "pm_processor_down" });
  const other = open();
  expect(await recoverOrders(other)).toMatchObject({ settled: 1, stillPending: 1 });
  expect(await readOrder(shop, order.order_id)).toMatchObject({ settle_attempts: 1 });
});

test("a function that met the outage in its last run settles accepted orders in its next", async () => {
  const { id } = await openWithDeferred();
  const copy = open();
  await openPaymentCircuit(copy);
  mendPayment(copy);
  // Frozen in between, it has had no time for a probe.
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "Recovery");
  await recoverOrders(copy).finally(vi.unstubAllEnvs);
  expect(await getOrder(copy, id)).toMatchObject({ status: "confirmed" });
});

test("an accepted order counts as stuck only past its limit", async () => {
  const { id, shop } = await openWithDeferred();
  const { settle_after } = await readOrder(shop, id);
  const agesAfter = async (ms: number): Promise<unknown[]> => {
    const other = open();
    other.advance(ms);
    breakPayment(other);
    const lines = captureLines();
    await recoverOrders(other);
    other.metrics.publish();
    return lines.flatMap(({ PendingPaymentAge }) => PendingPaymentAge ?? []);
  };
  expect(await agesAfter(HOUR)).toEqual([]);
  expect(await readOrder(shop, id)).toMatchObject({ settle_after });
  expect(await agesAfter(DAY + HOUR)).toHaveLength(1);
});
