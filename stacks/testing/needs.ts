import { vi } from "vitest";
import type { Shop } from "../../core/shop.ts";

export type Input = Record<string, unknown> & { TableName?: string; IndexName?: string };

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
  DescribeTableCommand: "DescribeTable",
};

/** The permissions that IAM asks for when a command is sent. */
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

export interface Sent {
  /** The command's name in the SDK. */
  readonly name: string;
  readonly input: Input;
}

/** The commands that the shop really sends to DynamoDB while the work is done. */
export const sent = async (shop: Shop, work: () => Promise<unknown>): Promise<Sent[]> => {
  const commands: Sent[] = [];
  const { send, repeat } = shop.db;
  const note = (command: { input: object }): void => {
    commands.push({ name: command.constructor.name, input: command.input as Input });
  };
  const spies = [
    vi.spyOn(shop.db, "send").mockImplementation(((command: { input: Input }, ...rest: []) => {
      note(command);
      return send(command as never, ...rest);
    }) as typeof send),
    vi.spyOn(shop.db, "repeat").mockImplementation((command, ...rest) => {
      note(command);
      return repeat(command, ...rest);
    }),
  ];
  await work();
  for (const spy of spies) spy.mockRestore();
  return commands;
};

/** The permissions that IAM asks for while the work is done. */
export const needed = async (shop: Shop, work: () => Promise<unknown>): Promise<string[]> => {
  const commands = await sent(shop, work);
  return [...new Set(commands.flatMap(({ name, input }) => needsOf(shop, name, input)))].toSorted();
};
