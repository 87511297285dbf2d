// biome-ignore-all lint/style/noExcessiveLinesPerFile: its cases share a database that fails on command
import { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, expect, test, vi } from "vitest";
import { addToCart, getCart } from "../cart/cart.ts";
import { getProduct } from "../catalog/catalog.ts";
import { checkout } from "../order/checkout.ts";
import { runInRequestScope } from "../request-scope.ts";
import { InjectedFaultError } from "../resilience/faults.ts";
import { RETRY_SETTINGS } from "../resilience/retry.ts";
import type { Shop } from "../shop.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { openShop } from "../testing/open-shop.ts";

let shop: Shop = openTestShop();
afterEach(() => {
  shop = openTestShop();
});

const breakDatabase = (failureRate: number, kind: "error" | "hang" = "error") =>
  shop.resilience.faults.set("dynamodb", { failureRate, latencyMs: 0, kind, expiresAt: shop.now() + 60_000 });

const attempts = () => shop.metrics.total("FaultsInjected", (service) => service === "dynamodb");

test("a passing failure is retried and not noticed", async () => {
  const id = await stockedProduct(shop, 1);
  let made = 0;
  const before = vi.spyOn(shop.resilience.faults, "before").mockImplementation(async (service) => {
    made += 1;
    if (made % 4 === 0) throw new InjectedFaultError(service, "error");
  });
  for (let i = 0; i < 12; i++) await shop.db.send(get(id));
  before.mockRestore();
  expect(made).toBe(15);
  expect(shop.metrics.total("Retries")).toBe(3);
});

const get = (product_id: number) => new GetCommand({ TableName: shop.tables.products, Key: { product_id } });

test("in an outage the attempts stay a fraction above the requests, and the circuit opens", async () => {
  breakDatabase(1);
  const requests = 200;
  const codes = new Set<string>();
  for (let i = 0; i < requests; i++) {
    await shop.db.send(get(1)).catch((error: { code: string }) => codes.add(error.code));
  }
  expect([...codes]).toEqual(["STORAGE_UNAVAILABLE"]);
  expect(attempts()).toBeLessThan(requests / 2);
  expect(shop.resilience.circuits.dynamodb.state()).toBe("open");
  expect(shop.db.health()).toBe("down");
  await expect(shop.db.send(get(1))).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
});

test("refused conditions and defects never open the circuit", async () => {
  const refused = new UpdateCommand({
    TableName: shop.tables.carts,
    Key: { user_id: "x" },
    UpdateExpression: "SET a = :a",
    ConditionExpression: "attribute_exists(user_id)",
    ExpressionAttributeValues: { ":a": 1 },
  });
  const unknownTable = new GetCommand({ TableName: "no-such-table", Key: { user_id: "x" } });
  for (let i = 0; i < 30; i++) {
    await expect(shop.db.send(refused)).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    await expect(shop.db.send(unknownTable)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  }
  expect(shop.resilience.circuits.dynamodb.stats()).toMatchObject({ state: "closed", total_failures: 0 });
});

test("an item that a transaction holds is no outage: the update is made again, and refused as a conflict", async () => {
  const held = (): Error =>
    Object.assign(
      new DynamoDBServiceException({
        name: "TransactionConflictException",
        $fault: "client",
        $metadata: {},
        message: "Transaction is ongoing for the item",
      }),
    );
  const id = await stockedProduct(shop, 1);
  const user = await userWithCart(shop);
  let conflicts = 2;
  const before = vi.spyOn(shop.resilience.faults, "before").mockImplementation(async () => {
    if (conflicts-- > 0) throw held();
  });
  await getProduct(shop, id).catch(() => undefined);
  conflicts = 2;
  await addToCart(shop, user, { product_id: id, quantity: 1 });
  expect((await getCart(shop, user)).items).toMatchObject([{ quantity: 1 }]);
  conflicts = 1_000;
  const refused = runInRequestScope({ requestId: "one", conflictPatience: 300 }, () =>
    addToCart(shop, user, { product_id: id, quantity: 1 }),
  );
  await expect(refused).rejects.toMatchObject({ code: "STORAGE_CONFLICT", retryAfterSeconds: 1 });
  before.mockRestore();
  expect(shop.resilience.circuits.dynamodb.stats()).toMatchObject({ state: "closed", total_failures: 0 });
  expect(shop.db.health()).toBe("up");
});

test("a failure says that nothing was done only where nothing can have been done", async () => {
  const id = await stockedProduct(shop, 5);
  breakDatabase(1);
  while (shop.resilience.circuits.dynamodb.state() !== "open") await shop.db.send(get(id)).catch(() => 0);
  const asking = (hasAskedStorage?: true) =>
    runInRequestScope({ requestId: "one", ...(hasAskedStorage && { hasAskedStorage }) }, () =>
      shop.db.send(get(id)).catch(({ message }: Error) => message),
    );
  expect(await asking()).toContain("nothing was done");
  expect(await asking(true)).toContain("not known");
  shop.resilience.circuits.dynamodb.reset();
  expect(
    await runInRequestScope({ requestId: "two" }, () => shop.db.send(get(id)).catch((e: Error) => e.message)),
  ).toContain("not known");
});

test("an outage spends the retries that were saved up, and earns no others", async () => {
  const calls = 60;
  breakDatabase(1);
  for (let i = 0; i < calls; i++) {
    await shop.db.send(get(1)).catch(() => undefined);
    shop.resilience.circuits.dynamodb.reset();
  }
  const retries = attempts() - calls;
  expect(retries).toBeGreaterThanOrEqual(RETRY_SETTINGS.budgetMax);
  // The share of failures is a mean of 50 attempts: until it has risen a few more are earned.
  expect(retries).toBeLessThan(2 * RETRY_SETTINGS.budgetMax);
});

test("a database that has become slow is waited for", async () => {
  const id = await stockedProduct(shop, 1);
  const { circuit, dynamodb } = shop.config;
  shop = openShop({
    ...shop.config,
    circuit: { ...circuit, silence: 60_000 },
    dynamodb: { ...dynamodb, requestTimeout: 1_200 },
  });
  shop.resilience.faults.set("dynamodb", {
    failureRate: 0,
    latencyMs: 330,
    kind: "error",
    expiresAt: shop.now() + 60_000,
  });
  // At first an answer that comes after 0.33 s is given up, and waited for in the end.
  await shop.db.send(get(id));
  expect(shop.metrics.total("Retries")).toBeGreaterThan(0);
  await Promise.all(Array.from({ length: 20 }, () => shop.db.send(get(id))));
  const before = shop.metrics.total("Retries");
  for (let i = 0; i < 3; i++) await shop.db.send(get(id));
  expect(shop.metrics.total("Retries")).toBe(before);
});

test("with the database gone, cached products go on and writes say when to come back", async () => {
  const id = await stockedProduct(shop, 5);
  const user = await userWithCart(shop, [id, 1]);
  await getProduct(shop, id);
  breakDatabase(1);
  while (shop.resilience.circuits.dynamodb.state() !== "open")
    await getCart(shop, user).catch(() => undefined);
  expect((await getProduct(shop, id)).product_id).toBe(id);
  const { total_requests } = shop.resilience.circuits.dynamodb.stats();
  await expect(addToCart(shop, user, { product_id: id, quantity: 1 })).rejects.toMatchObject({
    code: "STORAGE_UNAVAILABLE",
    retryAfterSeconds: expect.any(Number),
  });
  // At once: no call was made.
  expect(shop.resilience.circuits.dynamodb.stats()).toMatchObject({ total_requests });
  await expect(checkout(shop, { userId: user, paymentMethod: "pm_card_visa" })).rejects.toMatchObject({
    code: "STORAGE_UNAVAILABLE",
  });
});

test("in a short outage a write is held back and then made, while a read is refused at once", async () => {
  const id = await stockedProduct(shop, 5);
  await getProduct(shop, id);
  breakDatabase(1);
  while (shop.resilience.circuits.dynamodb.state() !== "open") await shop.db.send(get(id)).catch(() => 0);
  const asCustomer = <T>(priority: "read" | "write", work: () => Promise<T>) =>
    runInRequestScope({ requestId: priority, priority }, work);
  const made = attempts();
  let isMade = false;
  const write = asCustomer("write", () => addToCart(shop, "patient", { product_id: id, quantity: 1 })).then(
    () => {
      isMade = true;
    },
  );
  await expect(asCustomer("read", () => shop.db.send(get(id)))).rejects.toMatchObject({
    code: "STORAGE_UNAVAILABLE",
  });
  expect(isMade).toBe(false);
  shop.resilience.circuits.dynamodb.reset();
  breakDatabase(0);
  await write;
  // The one attempt that came through, apart from what probes made.
  expect(attempts() - made).toBeLessThanOrEqual(3);
  expect((await getCart(shop, "patient")).items).toMatchObject([{ product_id: id, quantity: 1 }]);
});

test("no first attempt gets the whole time, a transaction's neither", async () => {
  const id = await stockedProduct(shop, 5);
  const user = await userWithCart(shop, [id, 1]);
  shop = openShop({ ...shop.config, dynamodb: { ...shop.config.dynamodb, requestTimeout: 60_000 } });
  const before = vi.spyOn(shop.resilience.faults, "before");
  await checkout(shop, { userId: user, paymentMethod: "pm_card_visa" });
  const patiences = before.mock.calls.flatMap(([service, patience]) =>
    service === "dynamodb" ? [patience] : [],
  );
  before.mockRestore();
  expect(patiences.length).toBeGreaterThan(2);
  expect(Math.max(...patiences)).toBeLessThan(60_000);
});
