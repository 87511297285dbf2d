import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { TableDeclaration } from "../../core/tables.ts";

const keySchema = ({ hashKey, rangeKey }: { readonly hashKey: string; readonly rangeKey?: string }) => [
  { AttributeName: hashKey, KeyType: "HASH" as const },
  ...(rangeKey ? [{ AttributeName: rangeKey, KeyType: "RANGE" as const }] : []),
];

/** A table declaration as CreateTable takes it. */
export const createTableInput = (table: TableDeclaration, name: string) =>
  ({
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: Object.entries(table.fields).map(([field, type]) => ({
      AttributeName: field,
      AttributeType: type === "number" ? ("N" as const) : ("S" as const),
    })),
    KeySchema: keySchema(table.primaryIndex),
    ...(table.globalIndexes && {
      GlobalSecondaryIndexes: Object.entries(table.globalIndexes).map(([index, keys]) => ({
        IndexName: index,
        KeySchema: keySchema(keys),
        Projection: { ProjectionType: "ALL" as const },
      })),
    }),
    ...(table.stream && {
      StreamSpecification: {
        StreamEnabled: true,
        StreamViewType: "NEW_AND_OLD_IMAGES" as const,
      },
    }),
  }) satisfies CreateTableCommandInput;
