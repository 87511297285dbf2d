import type { Finding, Violation } from "./finding.ts";
import { byKind, type Operation } from "./history.ts";
import type { OrderRow, State, StockRow } from "./state.ts";

/**
 * No piece appears or vanishes: what a product started with is available, reserved or sold, and what is
 * reserved or sold is in orders. A product starts with what was stored before the load, or with what the
 * history set before anything of it was sold; where neither is known it is held against the orders only.
 */
export const checkStock = (
  operations: readonly Operation[],
  { stock, orders }: State,
  stockBefore: readonly StockRow[] = [],
): Finding => {
  const initial = initialPieces(operations, sums(stockBefore));
  const reserved = piecesIn(orders, ["pending_payment", "confirmed"]);
  const sold = piecesIn(orders, ["fulfilled"]);
  const products = sums(stock);
  const violations = [
    ...stock.flatMap(negative),
    ...[...products.values()].flatMap((sum) => [
      ...unbalanced(sum, initial.get(sum.product_id)),
      ...differing(sum, "reserved", reserved.get(sum.product_id) ?? 0),
      ...differing(sum, "sold", sold.get(sum.product_id) ?? 0),
    ]),
  ];
  for (const id of new Set([...initial.keys(), ...reserved.keys(), ...sold.keys()])) {
    if (!products.has(id))
      violations.push({
        kind: "lost",
        message: `product ${id} has no stock record`,
        subject: { product: id },
      });
  }
  const unknown = [...products.keys()].filter((id) => !initial.has(id)).length;
  return {
    check: "stock conserved",
    examined: products.size,
    violations,
    ...(unknown > 0 && { note: `what ${unknown} products started with is not known` }),
  };
};

/** Stock that each product may have started with. Setting its stock leaves alone what was sold before. */
const initialPieces = (
  operations: readonly Operation[],
  before: ReadonlyMap<number, Sum>,
): Map<number, readonly number[]> => {
  const initial = new Map<number, readonly number[]>();
  for (const [id, { available, reserved, sold }] of before) initial.set(id, [available + reserved + sold]);
  for (const { action, outcome } of byKind(operations, "set-stock")) {
    const { reserved = 0, sold = 0 } = before.get(action.product) ?? {};
    const pieces = action.available + reserved + sold;
    const others = initial.get(action.product);
    if (outcome === "ok") initial.set(action.product, [pieces]);
    if (outcome === "info" && others) initial.set(action.product, [...others, pieces]);
  }
  return initial;
};

type Sum = Omit<StockRow, "shard">;

const sums = (stock: readonly StockRow[]): Map<number, Sum> => {
  const products = new Map<number, Sum>();
  for (const { product_id, available, reserved, sold } of stock) {
    const before = products.get(product_id) ?? { available: 0, reserved: 0, sold: 0 };
    products.set(product_id, {
      product_id,
      available: before.available + available,
      reserved: before.reserved + reserved,
      sold: before.sold + sold,
    });
  }
  return products;
};

const piecesIn = (orders: readonly OrderRow[], statuses: readonly string[]): Map<number, number> => {
  const pieces = new Map<number, number>();
  for (const { status, lines } of orders) {
    if (!statuses.includes(status)) continue;
    for (const { product_id, quantity } of lines) {
      pieces.set(product_id, (pieces.get(product_id) ?? 0) + quantity);
    }
  }
  return pieces;
};

const negative = ({ product_id, shard, available, reserved, sold }: StockRow): Violation[] =>
  Object.entries({ available, reserved, sold }).flatMap(([counter, pieces]) =>
    pieces < 0
      ? [
          {
            kind: "oversold",
            message: `product ${product_id}, shard ${shard}: ${counter} is ${pieces}`,
            subject: { product: product_id },
          } as const,
        ]
      : [],
  );

const unbalanced = (row: Sum, initial: readonly number[] | undefined): Violation[] => {
  const { product_id, available, reserved, sold } = row;
  const pieces = available + reserved + sold;
  if (!initial || initial.includes(pieces)) return [];
  const sum = `${available} available + ${reserved} reserved + ${sold} sold = ${pieces}, not ${initial.join(" or ")}`;
  return [
    {
      kind: pieces > Math.max(...initial) ? "oversold" : "lost",
      message: `product ${product_id}: ${sum}`,
      subject: { product: product_id },
    },
  ];
};

const differing = (row: Sum, counter: "reserved" | "sold", inOrders: number): Violation[] =>
  row[counter] === inOrders
    ? []
    : [
        {
          kind: row[counter] < inOrders ? "oversold" : "lost",
          message: `product ${row.product_id}: ${row[counter]} ${counter}, but orders hold ${inOrders}`,
          subject: { product: row.product_id },
        },
      ];
