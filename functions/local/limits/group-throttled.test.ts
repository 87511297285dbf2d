import { expect, test } from "vitest";
import { checkout } from "../../../core/order/checkout.ts";
import { runInRequestScope } from "../../../core/request-scope.ts";
import { getStock } from "../../../core/stock/stock.ts";
import { stockedProduct, userWithCart } from "../../../core/testing/fixtures.ts";
import { openShop } from "../../../core/testing/open-shop.ts";
import { patientConfig } from "../../../core/testing/patient-config.ts";
import { FIRST_PARTITIONS } from "./partitions.ts";
import { item, openLimited } from "./testing.ts";

// It stands still, so that a partition without units has none until the test puts the clock forward.
let now = Date.now();
const layer = openLimited(["units", "partitions"], { now: () => now });
const config = patientConfig();
const shop = openShop({ ...config, dynamodb: { ...config.dynamodb, endpoint: layer.endpoint } });

const partitionOf = (key: string): number =>
  Math.floor((Bun.hash.xxHash32(key) * FIRST_PARTITIONS) / 2 ** 32);

/** Takes all units of the partition of one key, by items of other keys. */
const exhaust = async (table: string, keyName: string, key: string): Promise<void> => {
  const body = "x".repeat(300_000);
  for (let i = 0; ; i++) {
    const other = `other-${i}`;
    if (partitionOf(other) !== partitionOf(key)) continue;
    const { status } = await layer.call("PutItem", {
      TableName: table,
      Item: item({ [keyName]: other, body }),
    });
    if (status === 400) return;
  }
};

/** However long it has to wait for its counter, so that a slow machine does not refuse it. */
const buy = (userId: string) =>
  runInRequestScope({ requestId: "patient", conflictPatience: 60_000 }, () =>
    checkout(shop, { userId, paymentMethod: "pm_card_visa" }),
  );

test("a cart partition without units refuses its own buyers, and all others of their groups get their orders", async () => {
  const product = await stockedProduct(shop, 100);
  const users = await Promise.all(Array.from({ length: 30 }, () => userWithCart(shop, [product, 1])));
  const [victim = ""] = users;
  const isThrottled = (userId: string): boolean => partitionOf(userId) === partitionOf(victim);
  await exhaust(shop.tables.carts, "user_id", victim);
  const outcomes = await Promise.allSettled(users.map(buy));
  const refused = users.filter((_, at) => outcomes[at]?.status === "rejected");
  expect(refused).toEqual(users.filter(isThrottled));
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  }
  const sold = users.length - refused.length;
  expect(sold).toBeGreaterThan(0);
  expect(await getStock(shop, product)).toMatchObject({ available: 100 - sold, reserved: sold });
  now += 10_000;
  await buy(victim);
});

test("buyers of a counter without units get their orders once it has some again", async () => {
  const product = await stockedProduct(shop, 100);
  const users = await Promise.all(Array.from({ length: 10 }, () => userWithCart(shop, [product, 1])));
  await exhaust(shop.tables.stock, "stock_id", `${product}#0`);
  const buying = Promise.all(users.map(buy));
  const throttles = async (): Promise<number> =>
    (await layer.report()).resources[shop.tables.stock]?.throttled_writes ?? 0;
  const before = await throttles();
  await expect.poll(throttles, { timeout: 10_000 }).toBeGreaterThan(before);
  now += 10_000;
  expect(await buying).toHaveLength(10);
  expect(await getStock(shop, product)).toMatchObject({ available: 90, reserved: 10 });
});
