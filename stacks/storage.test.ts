import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { TABLE_KEYS, TABLES, type TableDeclaration, type TableKey } from "../core/tables.ts";
import { type Deployment, type Resource, synthesized } from "./testing/stages.ts";

let personal: Deployment;
let production: Deployment;
beforeAll(async () => {
  [personal, production] = await Promise.all([synthesized("personal"), synthesized("production")]);
});

const tableOf = (deployment: Deployment, key: TableKey): Resource =>
  deployment.one("Table", `${TABLES[key].link}Table`);

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
        globalSecondaryIndexes.map((index: { name: string; hashKey: string }) => [index.name, keys(index)]),
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

const coreSources = (): string =>
  readdirSync(join(import.meta.dirname, "../core"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/\.(test|bench)\.ts$|tables\.ts$/.test(file))
    .map((file) => readFileSync(join(import.meta.dirname, "../core", file), "utf8"))
    .join("\n");

test("the indexes that the code queries are those that are deployed, and the other way round", () => {
  const queried = [...coreSources().matchAll(/IndexName: "(\w+)"/g)].map(([, name]) => name);
  const deployed = TABLE_KEYS.flatMap((key) =>
    (tableOf(personal, key).inputs.globalSecondaryIndexes ?? []).map(({ name }: { name: string }) => name),
  );
  expect([...new Set(queried)].toSorted()).toEqual(deployed.toSorted());
});

test("every attribute that a key, an index or the TTL is made of is written by the code", () => {
  const sources = coreSources();
  for (const key of TABLE_KEYS) {
    const { fields, ttl }: TableDeclaration = TABLES[key];
    for (const attribute of [...Object.keys(fields), ...(ttl ? [ttl] : [])]) {
      expect(sources, `${key}.${attribute}`).toMatch(new RegExp(`\\b${attribute}\\b`));
    }
  }
});

test("what stays of a removed production is what docs/deploy.md says: its tables and its network", () => {
  const retained = (deployment: Deployment) =>
    deployment.all.filter(({ isCustom, retainOnDelete }) => isCustom && retainOnDelete);
  expect([...new Set(retained(production).map(({ type }) => type))].toSorted()).toEqual([
    "aws:dynamodb/table:Table",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
  ]);
  expect(retained(personal)).toEqual([]);
});

test("production's tables can't be deleted, and can be brought back to any moment; a personal stage's go with it", () => {
  for (const key of TABLE_KEYS) {
    const [kept, disposable] = [tableOf(production, key), tableOf(personal, key)];
    expect(kept.inputs).toMatchObject({
      deletionProtectionEnabled: true,
      pointInTimeRecovery: { enabled: true },
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
