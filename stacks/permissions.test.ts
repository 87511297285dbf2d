import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DynamoDBStreamEvent } from "aws-lambda";
import { beforeAll, expect, test } from "vitest";
import { addToCart, getCart, removeCartLine, setCartLine } from "../core/cart/cart.ts";
import { getProducts, listProducts, putProduct } from "../core/catalog/catalog.ts";
import { buildSearchIndex } from "../core/catalog/search.ts";
import { warmProducts } from "../core/catalog/warm.ts";
import { checkout } from "../core/order/checkout.ts";
import { countDeadLetters, setAside } from "../core/order/dead-letters.ts";
import { fulfilOrder } from "../core/order/fulfilment.ts";
import { getOrder, listOrders } from "../core/order/order.ts";
import { recoverPendingOrders } from "../core/order/recovery.ts";
import type { TestPaymentMethod } from "../core/payment/test-methods.ts";
import type { Shop } from "../core/shop.ts";
import { getStock, setStock } from "../core/stock/stock.ts";
import { TABLES, type TableKey } from "../core/tables.ts";
import { openTestShop, stockedProduct, userWithCart } from "../core/testing/fixtures.ts";
import { type Action, GRANTS, type Grants, type Principal } from "./permissions.ts";
import { ACTIONS, needed, PARTS } from "./testing/needs.ts";
import { type Deployment, type Resource, statementsOf, synthesized } from "./testing/stages.ts";

const asPairs = (grants: Grants): string[] =>
  Object.entries(grants).flatMap(([target, actions = []]) =>
    actions.map((action: Action) => `${action} ${target}`),
  );

const orderOf = async (shop: Shop, paymentMethod: TestPaymentMethod = "pm_card_visa") => {
  const user = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  const { order } = await checkout(shop, { userId: user, paymentMethod, idempotencyKey: `key-of-${user}` });
  return { user, id: order.order_id };
};

test("the API may do what its requests need, and nothing else", async () => {
  const shop = openTestShop({ paymentTimeout: 200 });
  const needs = await needed(shop, async () => {
    const [first, second] = [await stockedProduct(shop, 5), await stockedProduct(shop, 5)];
    await setStock(shop, first, { available: 8, shards: 2 });
    await getProducts(shop, [first, second, 2_000_000_000]);
    await putProduct(shop, {
      product_id: first,
      sku: "S",
      manufacturer: "M",
      category_id: 1,
      weight: 1,
      some_other_id: 1,
      category: "c",
    });
    await listProducts(shop, { limit: 1 });
    await listProducts(shop, { limit: 1, category: "c" });
    await buildSearchIndex(shop);
    await warmProducts(shop, 2);
    await getStock(shop, first);
    await addToCart(shop, "ann", { product_id: first, quantity: 1 });
    await addToCart(shop, "ann", { product_id: second, quantity: 1 });
    await setCartLine(shop, "ann", { product_id: first, quantity: 2 });
    await removeCartLine(shop, "ann", second);
    await getCart(shop, "ann");
    await checkout(shop, { userId: "ann", paymentMethod: "pm_card_visa", idempotencyKey: "ann-1" });
    await orderOf(shop);
    await orderOf(shop, "pm_card_chargeDeclined").catch(() => undefined);
    await orderOf(shop, "pm_timeout_after_charge");
    await listOrders(shop, { user_id: "ann", limit: 1 });
    await getOrder(shop, (await orderOf(shop)).id);
    await countDeadLetters(shop);
  });
  expect(needs).toEqual(asPairs(GRANTS.api).toSorted());
  await recoverPendingOrders(shop);
});

test("fulfilment may do what it needs, and nothing else", async () => {
  const shop = openTestShop();
  const { id } = await orderOf(shop);
  const record = { Records: [] } as DynamoDBStreamEvent;
  const needs = await needed(shop, async () => {
    await fulfilOrder(shop, id);
    await setAside(shop, "record", record, "reason");
  });
  expect(needs).toEqual(asPairs(GRANTS.fulfilment).toSorted());
});

test("recovery may do what it needs, and nothing else", async () => {
  const shop = openTestShop({ paymentTimeout: 200 });
  await orderOf(shop, "pm_timeout_before_charge");
  const { user, id } = await orderOf(shop, "pm_processor_down");
  expect(user).toBeTruthy();
  const needs = await needed(shop, async () => {
    await recoverPendingOrders(shop);
    shop.advance(3_600_000);
    expect(await recoverPendingOrders(shop)).toMatchObject({ cancelled: 1 });
  });
  expect(id).toMatch(/^ORD-/);
  expect(needs).toEqual(asPairs(GRANTS.recovery).toSorted());
});

test("no command of the code is one that nobody is granted", () => {
  const core = join(import.meta.dirname, "../core");
  const sources = readdirSync(core, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/\.(test|bench)\.ts$|^testing/.test(file))
    .map((file) => readFileSync(join(core, file), "utf8"));
  const used = new Set(
    sources.flatMap((text) => [...text.matchAll(/new (\w+Command)\(/g)].map(([, name = ""]) => name)),
  );
  used.delete("TransactWriteCommand"); // Granted by its parts.
  const granted = new Set(Object.values(GRANTS).flatMap((grants) => Object.values(grants).flat()));
  expect([...used].map((name) => ACTIONS[name] ?? name).toSorted()).toEqual([...granted].toSorted());
  const parts = new Set(
    sources.flatMap((text) =>
      [...text.matchAll(/\b(Put|Update|Delete|ConditionCheck): \{/g)].map(([, part = ""]) => PARTS[part]),
    ),
  );
  for (const part of parts) expect([...granted]).toContain(part);
});

let personal: Deployment;
let functions: Deployment;
beforeAll(async () => {
  [personal, functions] = await Promise.all([synthesized("personal"), synthesized("functions")]);
});

/** A role's statements on tables as pairs, with the tables' names in the code. */
const granted = (role: Resource): string[] =>
  statementsOf(role)
    .filter(({ Action: [first = ""] }) => /^dynamodb:(?!DescribeStream)/.test(first))
    .flatMap(({ Action: actions, Resource: resources }) =>
      resources.flatMap((arn) => {
        const [, table, index] = /:table\/(\w+)Table(?:\/index\/(\w+))?$/.exec(arn) ?? [];
        const key = (Object.keys(TABLES) as TableKey[]).find((name) => TABLES[name].link === table);
        return actions.map(
          (action) => `${action.replace("dynamodb:", "")} ${key}${index ? `/${index}` : ""}`,
        );
      }),
    )
    .toSorted();

const ROLES: [Principal, role: string][] = [
  ["api", "ShopTaskRole"],
  ["fulfilment", "OrdersSubscriberFulfilmentFunctionRole"],
  ["recovery", "RecoveryHandlerRole"],
];

test.each(ROLES)("the role of %s is granted that and nothing else", (principal, role) => {
  expect(granted(personal.one("Role", role))).toEqual(asPairs(GRANTS[principal]).toSorted());
});

test("beside its tables a role may only do what its trigger or its schedule asks for", () => {
  const others = (deployment: Deployment): string[] => {
    const all = deployment.ofType("Role").flatMap(statementsOf);
    const actions = all
      .flatMap(({ Action: list }) => list)
      .filter((action) => !/^dynamodb:\w+(Item|Query|Scan)$|dynamodb:(Query|Scan)/.test(action));
    return [...new Set(actions)].toSorted();
  };
  const background = [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "lambda:InvokeFunction",
  ];
  expect(others(personal)).toEqual([...background, "secretsmanager:GetSecretValue", "sqs:SendMessage"]);
  expect(others(functions)).toEqual([...background, "sqs:SendMessage"]);
});

test("every function of the API has the API's grants", () => {
  const roles = functions.ofType("Role").filter(({ name }) => name.startsWith("Api"));
  expect(roles.length).toBeGreaterThan(20);
  for (const role of roles) expect(granted(role), role.name).toEqual(asPairs(GRANTS.api).toSorted());
});
