import { vi } from "vitest";
import type { Shop } from "../../core/shop.ts";

type Input = Record<string, unknown> & { TableName?: string; IndexName?: string };

/** IAM's actions for the parts of a transaction, which has none of its own. */
export const PARTS: Record<string, string> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
};
/** And for the commands of the SDK. */
export const ACTIONS: Record<string, string> = {
  GetCommand: "GetItem",
  PutCommand: "PutItem",
  UpdateCommand: "UpdateItem",
  DeleteCommand: "DeleteItem",
  QueryCommand: "Query",
  ScanCommand: "Scan",
  BatchGetCommand: "BatchGetItem",
};

/** What IAM asks permission for when a command is sent. */
const needsOf = (shop: Shop, name: string, input: Input): string[] => {
  const keyOf = (table = ""): string =>
    Object.entries(shop.tables).find(([, physical]) => physical === table)?.[0] ?? `unknown ${table}`;
  if (name === "TransactWriteCommand") {
    return (input.TransactItems as Record<string, Input>[]).flatMap((item) =>
      Object.entries(item).map(([part, { TableName }]) => `${PARTS[part]} ${keyOf(TableName)}`),
    );
  }
  const action = ACTIONS[name] ?? name;
  if (input.RequestItems) return Object.keys(input.RequestItems).map((table) => `${action} ${keyOf(table)}`);
  return [`${action} ${keyOf(input.TableName)}${input.IndexName ? `/${input.IndexName}` : ""}`];
};

/** What the shop really asks DynamoDB for while the work is done. */
export const needed = async (shop: Shop, work: () => Promise<unknown>): Promise<string[]> => {
  const needs = new Set<string>();
  const { send } = shop.db;
  const spy = vi.spyOn(shop.db, "send").mockImplementation(((command: { input: Input }, ...rest: []) => {
    for (const need of needsOf(shop, command.constructor.name, command.input)) needs.add(need);
    return send(command as never, ...rest);
  }) as typeof send);
  await work();
  spy.mockRestore();
  return [...needs].toSorted();
};
