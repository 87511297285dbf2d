import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type RecoveryReport, recoverOrders } from "../core/order/recovery.ts";
import { TABLES, type TableKey } from "../core/tables.ts";
import { openTestShop } from "../core/testing/fixtures.ts";
import { type Action, GRANTS, type Grants, type Principal } from "./permissions.ts";
import { ACTIONS, needed, PARTS } from "./testing/needs.ts";
import { type Deployment, type Resource, statementsOf, synthesized } from "./testing/stages.ts";
import { fulfilmentWork, leaveForRecovery, orderOf, recoveryWork, requestWork } from "./testing/work.ts";

const asPairs = (grants: Grants): string[] =>
  Object.entries(grants).flatMap(([target, actions = []]) =>
    actions.map((action: Action) => `${action} ${target}`),
  );

test("the API may do what its requests need, and nothing else", async () => {
  const shop = openTestShop({ paymentTimeout: 200 });
  const needs = await needed(shop, () => requestWork(shop));
  expect(needs).toEqual(asPairs(GRANTS.api).toSorted());
  await recoverOrders(shop);
});

test("fulfilment may do what it needs, and nothing else", async () => {
  const shop = openTestShop();
  const [{ id }, other] = [await orderOf(shop), await orderOf(shop)];
  const needs = await needed(shop, () => fulfilmentWork(shop, id, other.id));
  expect(needs).toEqual(asPairs(GRANTS.fulfilment).toSorted());
});

test("recovery may do what it needs, and nothing else", async () => {
  const shop = openTestShop({ paymentTimeout: 200 });
  await leaveForRecovery(shop);
  let report: RecoveryReport | undefined;
  const needs = await needed(shop, async () => {
    report = await recoveryWork(shop);
  });
  expect(report).toMatchObject({ cancelled: 1, setAside: 1, failed: 0, unreadBuckets: 0 });
  expect(report?.fulfilled).toBeGreaterThan(0);
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
      .filter((action) => !/^dynamodb:(\w+Item|Query|Scan|DescribeTable)$/.test(action));
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
