import { beforeAll, expect, test } from "vitest";
import { TABLE_KEYS, TABLES, type TableDeclaration, type TableKey } from "../core/tables.ts";
import { allItems, openTestShop } from "../core/testing/fixtures.ts";
import { writeRecord } from "../functions/local/import/records.ts";
import { sent } from "./testing/needs.ts";
import { type Deployment, type Resource, synthesized } from "./testing/stages.ts";
import { fulfilmentWork, orderOf, recoveryWork, requestWork } from "./testing/work.ts";

let personal: Deployment;
let production: Deployment;
beforeAll(async () => {
  [personal, production] = await Promise.all([synthesized("personal"), synthesized("production")]);
});

const tableOf = (deployment: Deployment, key: TableKey): Resource =>
  deployment.one("Table", `${TABLES[key].link}Table`);

interface SynthesizedIndex {
  readonly name: string;
  readonly hashKey: string;
  readonly rangeKey?: string;
  readonly projectionType: string;
  readonly nonKeyAttributes?: readonly string[];
}

const projectionOf = ({ projectionType, nonKeyAttributes = [] }: SynthesizedIndex) => {
  if (projectionType === "ALL") return {};
  return { projection: projectionType === "KEYS_ONLY" ? ("keys-only" as const) : nonKeyAttributes };
};

/** A synthesized table in the words of the declaration. */
const declared = ({ inputs }: Resource): TableDeclaration => {
  const { attributes, hashKey, rangeKey, globalSecondaryIndexes = [], ttl, streamViewType } = inputs;
  const keys = (index: { hashKey: string; rangeKey?: string }) => ({
    hashKey: index.hashKey,
    ...(index.rangeKey && { rangeKey: index.rangeKey }),
  });
  const types: Record<string, "string" | "number"> = { S: "string", N: "number" };
  return {
    link: "",
    fields: Object.fromEntries(
      attributes.map(({ name, type }: { name: string; type: string }) => [name, types[type]]),
    ),
    primaryIndex: keys({ hashKey, rangeKey }),
    ...(globalSecondaryIndexes.length > 0 && {
      globalIndexes: Object.fromEntries(
        globalSecondaryIndexes.map((index: SynthesizedIndex) => [
          index.name,
          { ...keys(index), ...projectionOf(index) },
        ]),
      ),
    }),
    ...(ttl?.enabled && { ttl: ttl.attributeName }),
    ...(streamViewType === "NEW_AND_OLD_IMAGES" && { stream: "new-and-old-images" as const }),
  };
};

test("the tables are those of the code's declaration: keys, indexes, TTL, stream; none more", () => {
  expect(personal.ofType("Table").map(({ name }) => name)).toEqual(
    TABLE_KEYS.map((key) => `${TABLES[key].link}Table`).toSorted(),
  );
  for (const key of TABLE_KEYS) {
    const { link, ...declaration }: TableDeclaration = TABLES[key];
    expect(declared(tableOf(personal, key)), link).toEqual({ ...declaration, link: "" });
  }
});

/** The attributes that a condition on keys names. */
const namesIn = (condition: string, aliases: Record<string, string> = {}): string[] =>
  [...condition.matchAll(/(#?\w+)\s*(?:=|<=?|>=?|BETWEEN\b)/g)].map(([, name = ""]) => aliases[name] ?? name);

/** A synthesized table's indexes by name, with the attributes of their keys. */
const indexesOf = (key: TableKey): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(declared(tableOf(personal, key)).globalIndexes ?? {}).map(
      ([name, { hashKey, rangeKey }]) => [name, [hashKey, ...(rangeKey ? [rangeKey] : [])]],
    ),
  );

test("the code queries the indexes that are deployed, all of them and by their keys", async () => {
  const shop = openTestShop({ paymentTimeout: 200 });
  const commands = await sent(shop, async () => {
    await requestWork(shop);
    await recoveryWork(shop);
  });
  const queries = commands.filter(({ name }) => name === "QueryCommand").map(({ input }) => input);
  const queried = new Set<string>();
  for (const { TableName, IndexName = "", KeyConditionExpression, ExpressionAttributeNames } of queries) {
    const key = TABLE_KEYS.find((name) => shop.tables[name] === TableName) ?? "products";
    const keys = indexesOf(key)[IndexName] ?? [];
    const names = namesIn(
      String(KeyConditionExpression),
      ExpressionAttributeNames as Record<string, string> | undefined,
    );
    expect(keys, `${key}/${IndexName}`).toEqual(expect.arrayContaining(names));
    expect(names, `${key}/${IndexName}`).toContain(keys[0]);
    queried.add(`${key}/${IndexName}`);
  }
  const deployed = TABLE_KEYS.flatMap((key) => Object.keys(indexesOf(key)).map((name) => `${key}/${name}`));
  expect([...queried].toSorted()).toEqual(deployed.toSorted());
});

test("stored items have the keys, the indexes' keys and the expiry that are deployed, in their types", async () => {
  const shop = openTestShop({ paymentTimeout: 200 });
  const [{ id }, other] = [await orderOf(shop), await orderOf(shop)];
  await requestWork(shop);
  await fulfilmentWork(shop, id, other.id);
  await orderOf(shop, "pm_timeout_after_charge"); // One whose payment is open.
  await writeRecord(shop, { handle: "lamp", product_id: 1, options: [], sku: "", position: 1 });
  for (const key of TABLE_KEYS) {
    const items = await allItems(shop, key);
    const { fields, primaryIndex, ttl } = declared(tableOf(personal, key));
    const isStored = (item: Record<string, unknown>, names: (string | undefined)[]): boolean =>
      names.every((name) => name === undefined || typeof item[name] === fields[name]);
    expect(items.length, key).toBeGreaterThan(0);
    for (const item of items) {
      expect(isStored(item, [primaryIndex.hashKey, primaryIndex.rangeKey]), key).toBe(true);
    }
    for (const [index, names] of Object.entries(indexesOf(key))) {
      expect(
        items.some((item) => isStored(item, names)),
        `${key}/${index}`,
      ).toBe(true);
    }
    if (!ttl) continue;
    const inAYear = Date.now() / 1_000 + 366 * 24 * 3_600;
    for (const { [ttl]: expiry } of items) {
      expect(expiry, `${key}.${ttl}, in seconds`).toBeGreaterThan(Date.now() / 1_000);
      expect(expiry, `${key}.${ttl}, in seconds`).toBeLessThan(inAYear);
    }
  }
});

test("a removed production leaves its tables, its network and its logs, as docs/deploy.md says", () => {
  const retained = (deployment: Deployment) =>
    deployment.all.filter(({ isCustom, retainOnDelete }) => isCustom && retainOnDelete);
  expect([...new Set(retained(production).map(({ type }) => type))].toSorted()).toEqual([
    "aws:dynamodb/table:Table",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  ]);
  expect(retained(personal)).toEqual([]);
});

test("production's tables can't be deleted, and can be brought back to any moment; a personal stage's go with it", () => {
  for (const key of TABLE_KEYS) {
    const [kept, disposable] = [tableOf(production, key), tableOf(personal, key)];
    expect(kept.inputs).toMatchObject({
      deletionProtectionEnabled: true,
      pointInTimeRecovery: { enabled: true, recoveryPeriodInDays: 35 },
    });
    expect(kept.retainOnDelete).toBe(true);
    expect(disposable.inputs).toMatchObject({
      deletionProtectionEnabled: false,
      pointInTimeRecovery: { enabled: false },
    });
    expect(disposable.retainOnDelete).toBe(false);
    expect(kept.inputs.billingMode).toBe("PAY_PER_REQUEST");
  }
  expect(production.app).toMatchObject({ removal: "retain", protect: true });
  expect(personal.app).toMatchObject({ removal: "remove", protect: false });
});
