import type { TableKey } from "../core/tables.ts";

/** DynamoDB's actions, as IAM calls them. A transaction needs those of its parts. */
export type Action =
  | "GetItem"
  | "BatchGetItem"
  | "Query"
  | "Scan"
  | "PutItem"
  | "UpdateItem"
  | "DeleteItem"
  | "DescribeTable";

/** `orders`, or an index of it as `orders/userOrders`. */
export type Target = TableKey | `${TableKey}/${string}`;

export type Grants = Readonly<Partial<Record<Target, readonly Action[]>>>;

/**
 * The permissions of each part of the shop on each table, and nothing more. (SST's own link to a table would
 * grant every action on it, dropping it included.)
 */
export const GRANTS = {
  api: {
    products: ["BatchGetItem", "DescribeTable", "GetItem", "Scan", "UpdateItem"],
    "products/byCategory": ["Query"],
    stock: ["BatchGetItem", "UpdateItem"],
    carts: ["GetItem", "UpdateItem"],
    orders: ["BatchGetItem", "GetItem", "PutItem", "UpdateItem"],
    "orders/userOrders": ["Query"],
    "orders/unfinished": ["Query"],
    idempotency: ["GetItem", "PutItem"],
    charges: ["UpdateItem"],
    deadLetters: ["PutItem", "Scan"],
  },
  fulfilment: {
    orders: ["GetItem", "UpdateItem"],
    stock: ["UpdateItem"],
    deadLetters: ["DeleteItem", "PutItem"],
  },
  recovery: {
    orders: ["GetItem", "UpdateItem"],
    "orders/unfinished": ["Query"],
    carts: ["GetItem", "UpdateItem"],
    stock: ["UpdateItem"],
    charges: ["UpdateItem"],
    deadLetters: ["DeleteItem", "PutItem"],
  },
} as const satisfies Record<string, Grants>;

export type Principal = keyof typeof GRANTS;
