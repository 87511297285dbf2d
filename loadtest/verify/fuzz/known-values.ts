import fc from "fast-check";

/**
 * Stands for the user that sends the request, `{self 0}`, or for something that the shop has named in an earlier answer,
 * e.g. `{order 3}`. Which one that is depends on
 * the run, so that the generator needs no answers and the same seed generates the same requests.
 */
const REFERENCE = /\{(self|user|order|cursor|etag|cart-token) (\d+)\}/g;

type Kind = "user" | "order" | "cursor" | "etag" | "cart-token";

const reference = (kind: Kind | "self") => fc.nat({ max: 999 }).map((at) => `{${kind} ${at}}`);

/** Values that the shop knows, so that requests get further than its 404s. */
const HINTS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  productId: fc.integer({ min: 1, max: 60 }),
  product_id: fc.integer({ min: 1, max: 60 }),
  quantity: fc.integer({ min: 0, max: 3 }),
  available: fc.integer({ min: 0, max: 1_000_000 }),
  price: fc.nat({ max: 100_000 }).map((cents) => cents / 100),
  userId: fc.oneof(reference("self"), reference("user")),
  user_id: fc.oneof(reference("self"), reference("user")),
  orderId: reference("order"),
  cursor: reference("cursor"),
  q: fc.constantFrom("lamp", "oak", "desk lamp", "north", "a"),
  "X-Cart-Token": reference("cart-token"),
  "If-None-Match": fc.oneof(reference("etag"), fc.constant("*")),
  "Idempotency-Key": fc.nat({ max: 20 }).map((n) => `key-${n}`),
};

/** Mostly what is known under a name, at times anything that its schema allows. */
export const hinted = (name: string, any: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => {
  const hint = HINTS[name];
  if (!hint) return any;
  return fc.oneof({ weight: 3, arbitrary: hint }, { weight: 1, arbitrary: any });
};

export interface KnownValues {
  readonly learn: (body: unknown, headers: Headers) => void;
  /** A text with the references in it replaced. @param self any user where it is absent */
  readonly fill: (text: string, self: string | undefined) => string;
}

/** The newest of each kind. */
const KEPT = 200;

/** @param users whose carts and orders are asked for */
export const openKnownValues = (users: readonly string[]): KnownValues => {
  const values: Record<Kind, string[]> = {
    user: [...users],
    order: [],
    cursor: [],
    etag: [],
    "cart-token": [],
  };
  const add = (kind: Kind, value: unknown): void => {
    if (typeof value !== "string") return;
    values[kind].push(value);
    if (values[kind].length > KEPT) values[kind].shift();
  };
  return {
    learn: (body, headers) => {
      const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
      add("order", fields.order_id);
      add("cursor", fields.next_cursor);
      add("cart-token", fields.cart_token);
      add("etag", headers.get("etag"));
    },
    fill: (text, self) =>
      text.replace(REFERENCE, (_, kind: Kind | "self", at: string) => {
        if (kind === "self" && self !== undefined) return self;
        const known = values[kind === "self" ? "user" : kind];
        return known[Number(at) % known.length] ?? `unknown-${kind}`;
      }),
  };
};
