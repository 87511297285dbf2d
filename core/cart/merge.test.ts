import { beforeAll, expect, test } from "vitest";
import { putProduct } from "../catalog/catalog.ts";
import { openShop } from "../testing/open-shop.ts";
import { patientConfig } from "../testing/patient-config.ts";
import { answering } from "../testing/scripted-dynamodb.ts";
import { openScriptedShop } from "../testing/scripted-shop.ts";
import { addToCart, getCart } from "./cart.ts";
import { MAX_LINE_QUANTITY, MAX_LINES } from "./cart-item.ts";
import { mergeCarts } from "./merge.ts";

const shop = openShop(patientConfig());
const PRODUCTS = MAX_LINES + 10;
let count = 0;

const newPair = () => ({ guest: `guest-${++count}`, user: `user-${count}` });

const add = (userId: string, product_id: number, quantity = 1) =>
  addToCart(shop, userId, { product_id, quantity });

const quantitiesOf = async (userId: string): Promise<Record<number, number>> => {
  const { items } = await getCart(shop, userId);
  return Object.fromEntries(items.map(({ product_id, quantity }) => [product_id, quantity]));
};

beforeAll(async () => {
  const details = { sku: "SKU", manufacturer: "Northwind", category_id: 1, weight: 1, some_other_id: 1 };
  for (let product_id = 1; product_id <= PRODUCTS; product_id++) {
    await putProduct(shop, { product_id, ...details, price: 1 });
  }
});

test("quantities add up, and the guest's cart is empty", async () => {
  const { guest, user } = newPair();
  await add(guest, 1, 2);
  await add(guest, 2, 3);
  await add(user, 2, 4);
  const cart = await mergeCarts(shop, guest, user);
  expect(cart).toMatchObject({ user_id: user, total: 9 });
  expect(await quantitiesOf(user)).toEqual({ 1: 2, 2: 7 });
  expect(await quantitiesOf(guest)).toEqual({});
});

test("a second time changes nothing, and what the guest adds afterwards can be moved again", async () => {
  const { guest, user } = newPair();
  await add(guest, 1, 2);
  const first = await mergeCarts(shop, guest, user);
  expect(await mergeCarts(shop, guest, user)).toEqual(first);
  await add(guest, 1, 1);
  await mergeCarts(shop, guest, user);
  expect(await quantitiesOf(user)).toEqual({ 1: 3 });
});

test("however many ask at once, the pieces are moved once", async () => {
  const { guest, user } = newPair();
  await add(guest, 1, 5);
  await Promise.allSettled(Array.from({ length: 10 }, () => mergeCarts(shop, guest, user)));
  await mergeCarts(shop, guest, user);
  expect(await quantitiesOf(user)).toEqual({ 1: 5 });
});

test("pieces are neither lost nor doubled by changes that go on meanwhile", async () => {
  const { guest, user } = newPair();
  await add(guest, 1, 1);
  await Promise.all([
    ...Array.from({ length: 8 }, () => add(user, 1, 1)),
    ...Array.from({ length: 8 }, () => add(guest, 1, 1)),
    mergeCarts(shop, guest, user).catch(() => undefined),
  ]);
  await mergeCarts(shop, guest, user);
  expect(await quantitiesOf(user)).toEqual({ 1: 17 });
});

test("the user's cart takes what it has room for", async () => {
  const { guest, user } = newPair();
  await add(user, 1, MAX_LINE_QUANTITY - 3);
  for (let id = 2; id < MAX_LINES; id++) await add(user, id);
  await add(guest, 1, 10);
  for (let id = MAX_LINES; id <= MAX_LINES + 5; id++) await add(guest, id);
  const { items } = await mergeCarts(shop, guest, user);
  expect(items).toHaveLength(MAX_LINES);
  expect(await quantitiesOf(user)).toMatchObject({ 1: MAX_LINE_QUANTITY, [MAX_LINES]: 1 });
});

test("carts that keep changing are given up, with the time to wait", async () => {
  const { server, shop: restless } = await openScriptedShop();
  const guest = { user_id: { S: "guest" }, version: { N: "1" }, expires_at: { N: "99999999999" } };
  const cart = answering(200, { Item: { ...guest, quantities: { M: { 1: { N: "1" } } } } });
  const changed = answering(400, {
    __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    message: "Transaction cancelled",
    CancellationReasons: [{ Code: "ConditionalCheckFailed" }, { Code: "None" }],
  });
  server.play((response, request) => {
    const isWrite = String(request.headers["x-amz-target"]).endsWith("TransactWriteItems");
    (isWrite ? changed : cart)(response, request);
  });
  await expect(mergeCarts(restless, "guest", "user")).rejects.toMatchObject({
    code: "STORAGE_CONFLICT",
    message: "The carts kept changing; try again",
    retryAfterSeconds: 1,
  });
  await server.stop();
});

test("a guest without a cart leaves the user's as it is", async () => {
  const { guest, user } = newPair();
  await add(user, 1, 1);
  const before = await getCart(shop, user);
  expect(await mergeCarts(shop, guest, user)).toEqual(before);
});
