import { TABLE_KEYS, TABLES, type TableDeclaration, type TableKey } from "../core/tables.ts";
import { isProduction, settings } from "./stage.ts";

const linkOf = new Map<sst.aws.Dynamo, string>();

/**
 * A link carries the table's name and no permission: SST's own would grant every action. Containers get it as
 * the variable that the shop reads; functions get links in an encrypted file that only SST's own client reads,
 * so for them the variable is added.
 */
sst.Linkable.wrap(sst.aws.Dynamo, (table) => {
  const { name } = table;
  return {
    properties: { name },
    include: [
      { type: "environment", env: { [`SST_RESOURCE_${linkOf.get(table)}`]: $jsonStringify({ name }) } },
    ],
  };
});

const { backupDays } = settings;
const pointInTimeRecovery = {
  enabled: backupDays !== undefined,
  ...(backupDays !== undefined && { recoveryPeriodInDays: backupDays }),
};

const declare = (key: TableKey): sst.aws.Dynamo => {
  const { link, fields, primaryIndex, globalIndexes, ttl, stream }: TableDeclaration = TABLES[key];
  const table = new sst.aws.Dynamo(link, {
    fields,
    primaryIndex,
    globalIndexes: globalIndexes as sst.aws.DynamoArgs["globalIndexes"],
    ttl,
    stream,
    deletionProtection: isProduction,
    transform: { table: { pointInTimeRecovery } },
  });
  linkOf.set(table, link);
  return table;
};

/** The shop's tables, as its code declares them. */
export const tables = Object.fromEntries(TABLE_KEYS.map((key) => [key, declare(key)])) as Record<
  TableKey,
  sst.aws.Dynamo
>;
