export interface IndexDeclaration {
  readonly hashKey: string;
  readonly rangeKey?: string;
  /**
   * The attributes it holds beside its own keys and the table's; all if left out. It can't be changed later.
   */
  readonly projection?: "keys-only" | readonly string[];
}

/**
 * The one declaration of the shop's tables. The local launcher creates them from it and the stacks deploy
 * them from it; its shape is that of `sst.aws.Dynamo`'s arguments so that nothing has to be translated.
 */
export interface TableDeclaration {
  /** Name of the linked SST resource that carries the physical table name. */
  readonly link: string;
  readonly fields: Readonly<Record<string, "string" | "number">>;
  readonly primaryIndex: {
    readonly hashKey: string;
    readonly rangeKey?: string;
  };
  readonly globalIndexes?: Readonly<Record<string, IndexDeclaration>>;
  /** Attribute with the expiry in epoch seconds. DynamoDB deletes lazily, so readers check it as well. */
  readonly ttl?: string;
  readonly stream?: "new-and-old-images";
}

export const TABLES = {
  products: {
    link: "Products",
    fields: { product_id: "number", category: "string" },
    primaryIndex: { hashKey: "product_id" },
    globalIndexes: {
      byCategory: { hashKey: "category", rangeKey: "product_id" },
    },
  },
  /** Counters, apart from the product: a sale must not invalidate a cached product. */
  stock: {
    link: "Stock",
    fields: { stock_id: "string" },
    primaryIndex: { hashKey: "stock_id" },
  },
  carts: {
    link: "Carts",
    fields: { user_id: "string" },
    primaryIndex: { hashKey: "user_id" },
    ttl: "expires_at",
  },
  /**
   * Its stream is the outbox of fulfilment, and `unfinished` the outbox's second chance: it holds each order
   * until that is fulfilled or ends without payment, and while a refund is owed. It is sparse, and spread over buckets so
   * that a flash sale does not queue up on one index partition.
   */
  orders: {
    link: "Orders",
    fields: {
      order_id: "string",
      user_id: "string",
      pending_bucket: "number",
      settle_after: "number",
    },
    primaryIndex: { hashKey: "order_id" },
    globalIndexes: {
      userOrders: { hashKey: "user_id", rangeKey: "order_id", projection: "keys-only" },
      unfinished: { hashKey: "pending_bucket", rangeKey: "settle_after", projection: ["updated_at"] },
    },
    stream: "new-and-old-images",
  },
  idempotency: {
    link: "Idempotency",
    fields: { idempotency_key: "string" },
    primaryIndex: { hashKey: "idempotency_key" },
    ttl: "expires_at",
  },
  /** The payment gateway's own books; the shop reads them only through the gateway port. */
  charges: {
    link: "Charges",
    fields: { charge_key: "string" },
    primaryIndex: { hashKey: "charge_key" },
  },
  /** Stream records that can never be processed, kept for a person to look at. */
  deadLetters: {
    link: "DeadLetters",
    fields: { record_id: "string" },
    primaryIndex: { hashKey: "record_id" },
    ttl: "expires_at",
  },
  /** Which product each variant of an imported catalogue became; only the import reads and writes it. */
  imports: {
    link: "Imports",
    fields: { handle: "string", product_id: "number" },
    primaryIndex: { hashKey: "handle", rangeKey: "product_id" },
  },
} as const satisfies Record<string, TableDeclaration>;

export type TableKey = keyof typeof TABLES;
export type TableNames = Readonly<Record<TableKey, string>>;
export const TABLE_KEYS = Object.keys(TABLES) as TableKey[];
