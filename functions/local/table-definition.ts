import type { CreateTableCommandInput, UpdateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { type IndexDeclaration, TABLES, type TableDeclaration, type TableKey } from "../../core/tables.ts";

/**
 * The tables as the launcher makes them. Products have a stream here: by it the search index on disk catches up
 * with what was written while no shop was running.
 */
export const LOCAL_TABLES: Readonly<Record<TableKey, TableDeclaration>> = {
  ...TABLES,
  products: { ...TABLES.products, stream: "new-and-old-images" },
};

const keySchema = ({ hashKey, rangeKey }: { readonly hashKey: string; readonly rangeKey?: string }) => [
  { AttributeName: hashKey, KeyType: "HASH" as const },
  ...(rangeKey ? [{ AttributeName: rangeKey, KeyType: "RANGE" as const }] : []),
];

const projectionOf = ({ projection }: IndexDeclaration) => {
  if (projection === undefined) return { ProjectionType: "ALL" as const };
  if (projection === "keys-only") return { ProjectionType: "KEYS_ONLY" as const };
  return { ProjectionType: "INCLUDE" as const, NonKeyAttributes: [...projection] };
};

const indexesOf = ({ globalIndexes = {} }: TableDeclaration) =>
  Object.entries(globalIndexes).map(([IndexName, index]) => ({
    IndexName,
    KeySchema: keySchema(index),
    Projection: projectionOf(index),
  }));

const attributesOf = ({ fields }: TableDeclaration) =>
  Object.entries(fields).map(([AttributeName, type]) => ({
    AttributeName,
    AttributeType: type === "number" ? ("N" as const) : ("S" as const),
  }));

/** The declared indexes that a table lacks, each as UpdateTable takes it: one at a time. */
export const missingIndexInputs = (
  table: TableDeclaration,
  name: string,
  present: readonly (string | undefined)[],
): UpdateTableCommandInput[] =>
  indexesOf(table)
    .filter(({ IndexName }) => !present.includes(IndexName))
    .map((index) => ({
      TableName: name,
      AttributeDefinitions: attributesOf(table),
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    }));

export const streamInput = ({ stream }: TableDeclaration) =>
  stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" as const } };

/** A table declaration as CreateTable takes it. */
export const createTableInput = (table: TableDeclaration, name: string) =>
  ({
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: attributesOf(table),
    KeySchema: keySchema(table.primaryIndex),
    ...(table.globalIndexes && { GlobalSecondaryIndexes: indexesOf(table) }),
    ...streamInput(table),
  }) satisfies CreateTableCommandInput;
