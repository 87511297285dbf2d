import type { Backend } from "./backend.ts";
import type { AttributeValue, Item } from "./protocol.ts";

export interface Keys {
  readonly hash: string;
  readonly range?: string | undefined;
}

export interface IndexSchema extends Keys {
  readonly name: string;
  readonly arn: string;
  /** Attributes it holds; undefined when all. */
  readonly holds: ReadonlySet<string> | undefined;
}

export interface TableSchema extends Keys {
  readonly name: string;
  readonly arn: string;
  readonly indexes: ReadonlyMap<string, IndexSchema>;
}

interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}

interface Description {
  readonly TableArn: string;
  readonly KeySchema: readonly KeyElement[];
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName: string;
    readonly IndexArn: string;
    readonly KeySchema: readonly KeyElement[];
    readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
  }[];
}

const keysOf = (schema: readonly KeyElement[]): Keys => {
  const named = (type: string) => schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
  return { hash: named("HASH") ?? "", range: named("RANGE") };
};

/** The value of one attribute as a text that is unique among all values. */
export const valueText = (value: AttributeValue | undefined): string =>
  value === undefined ? "" : (value.S ?? value.N ?? value.B ?? JSON.stringify(value));

/** The hash key's value: what decides on the partition. */
export const hashText = (keys: Keys, item: Item): string => valueText(item[keys.hash]);

/** The whole primary key: what names an item. */
export const keyText = (keys: Keys, item: Item): string =>
  keys.range === undefined
    ? hashText(keys, item)
    : `${hashText(keys, item)}\u0000${valueText(item[keys.range])}`;

/**
 * An index's copy of an item; undefined for an item without all of its keys, which it does not hold at all.
 */
export const entryOf = (table: TableSchema, index: IndexSchema, item: Item | undefined): Item | undefined => {
  if (!item?.[index.hash] || (index.range !== undefined && !item[index.range])) return undefined;
  if (!index.holds) return item;
  const held = new Set([...index.holds, index.hash, index.range, table.hash, table.range]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => held.has(name)));
};

/** The layer's knowledge of the tables behind it: asked once, and again after a table was changed. */
export const openTables = (backend: Backend) => {
  const known = new Map<string, TableSchema | undefined>();

  const describe = async (name: string): Promise<TableSchema | undefined> => {
    const { status, body } = await backend.call("DynamoDB_20120810.DescribeTable", { TableName: name });
    if (status !== 200) return undefined;
    const { TableArn, KeySchema, GlobalSecondaryIndexes = [] } = body.Table as Description;
    const table: TableSchema = {
      name,
      arn: TableArn,
      ...keysOf(KeySchema),
      indexes: new Map(
        GlobalSecondaryIndexes.map(({ IndexName, IndexArn, KeySchema: keys, Projection }) => [
          IndexName,
          {
            name: IndexName,
            arn: IndexArn,
            ...keysOf(keys),
            holds:
              Projection.ProjectionType === "ALL" ? undefined : new Set(Projection.NonKeyAttributes ?? []),
          },
        ]),
      ),
    };
    known.set(name, table);
    return table;
  };

  return {
    /** Undefined for a table that there is not: the engine says so itself. */
    get: (name = ""): TableSchema | undefined | Promise<TableSchema | undefined> =>
      known.get(name) ?? describe(name),
    forget: (): void => known.clear(),
  };
};

export type Tables = ReturnType<typeof openTables>;
