// biome-ignore-all lint/style/noExcessiveLinesPerFile: one model of a cart and the operations on it
import { setTimeout as sleep } from "node:timers/promises";
import { BatchWriteCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { runs } from "../../loadtest/harness/property-runs.ts";
import { addToCart, cartSchema, getCart } from "../cart/cart.ts";
import { MAX_LINE_QUANTITY, MAX_LINES } from "../cart/cart-item.ts";
import { DomainError } from "../errors.ts";
import { stockId } from "../stock/counters.ts";
import { getStock } from "../stock/stock.ts";
import type { StockLine } from "../stock/stock-line.ts";
import { openTestShop } from "../testing/fixtures.ts";
import { checkout } from "./checkout.ts";
import { declineOf } from "./checkout-answer.ts";
import { fulfilOrder } from "./fulfilment.ts";
import { claimOf } from "./idempotency.ts";
import { getOrder, type OrderItem, orderSchema } from "./order.ts";
import { placeOrder } from "./place.ts";
import { confirmOrder, failOrder } from "./settle.ts";

const shop = openTestShop();

/** The longest ids there are. */
const IDS = Array.from({ length: 2 * MAX_LINES }, (_, i) => 2_147_483_647 - i);
const KEY = "k".repeat(255);
let users = 0;
const newUser = (): string => `${"u".repeat(120)}${String(++users).padStart(8, "0")}`;

/** Every tenth product is split, with so few pieces on each counter that an order of all takes from all. */
const SHARDS = 16;
const PIECES_A_SHARD = 2;
const isSplit = (id: number): boolean => IDS.indexOf(id) % 10 === 0;
const AMPLE = 1_000 * MAX_LINE_QUANTITY;
const initial = (id: number): number => (isSplit(id) ? SHARDS * PIECES_A_SHARD : AMPLE);

beforeAll(async () => {
  const details = { sku: "S", manufacturer: "M", category_id: 1, weight: 1, some_other_id: 1, version: 1 };
  const items = IDS.flatMap((product_id) => {
    const shards = isSplit(product_id) ? SHARDS : 1;
    const counters = Array.from({ length: shards }, (_, shard) => ({
      ...{ stock_id: stockId(product_id, shard), product_id, shard, reserved: 0, sold: 0 },
      available: initial(product_id) / shards,
    }));
    const layout = { stock_layout: { shards, made: shards } };
    return [
      {
        table: shop.tables.products,
        Item: { ...details, product_id, price_cents: 1_000_000_000, ...layout },
      },
      ...counters.map((Item) => ({ table: shop.tables.stock, Item })),
    ];
  });
  for (let start = 0; start < items.length; start += 25) {
    const batch = Map.groupBy(items.slice(start, start + 25), ({ table }) => table);
    const requests = [...batch].map(([table, rows]) => [
      table,
      rows.map(({ Item }) => ({ PutRequest: { Item } })),
    ]);
    await shop.db.send(new BatchWriteCommand({ RequestItems: Object.fromEntries(requests) }));
  }
});

/** Lines of different products; of a split one often all that there is, of another often all that a line holds. */
const lines = fc.shuffledSubarray(IDS, { minLength: 1, maxLength: MAX_LINES }).chain((ids) =>
  fc.tuple(
    ...ids.map((product_id) => {
      const most = Math.min(initial(product_id), MAX_LINE_QUANTITY);
      const quantity = fc.oneof(fc.constant(most), fc.integer({ min: 1, max: most }));
      return quantity.map((pieces): StockLine => ({ product_id, quantity: pieces }));
    }),
  ),
);

/** A cart without lines gets these in one write: by one addition a line, the property tests would make thousands. */
const fill = async (user_id: string, wanted: readonly StockLine[]): Promise<void> => {
  const lines = wanted.map(({ product_id, quantity }) => [product_id, quantity]);
  const command = new UpdateCommand({
    TableName: shop.tables.carts,
    Key: { user_id },
    UpdateExpression: "SET quantities = :lines, updated_at = :now, expires_at = :later ADD version :count",
    ExpressionAttributeValues: {
      ":lines": Object.fromEntries(lines),
      ":now": new Date().toISOString(),
      ":later": Math.floor(Date.now() / 1_000) + 86_400,
      ":count": lines.length,
    },
  });
  await shop.db.send(command);
};

const quantitiesOf = (items: readonly StockLine[]): Map<number, number> =>
  new Map(items.map(({ product_id, quantity }) => [product_id, quantity]));

const expectStockAsBefore = async (items: readonly StockLine[]): Promise<void> => {
  const stocks = await Promise.all(items.map(({ product_id }) => getStock(shop, product_id)));
  expect(stocks).toMatchObject(
    items.map(({ product_id }) => ({ available: initial(product_id), reserved: 0 })),
  );
};

/** Places an order, unless its pieces lie scattered over more counters than one order may take from. */
const place = async (userId: string): Promise<OrderItem | undefined> => {
  const claim = claimOf(userId, KEY, { paymentMethod: "pm_card_visa" });
  try {
    return await placeOrder(shop, { userId, paymentMethod: "pm_card_visa", claim });
  } catch (error) {
    if (error instanceof DomainError && error.code === "STORAGE_CONFLICT") return undefined;
    throw error;
  }
};

test("an order that can be placed can be undone, within the limits of cart and order, and nothing vanishes", async () => {
  await fc.assert(
    fc.asyncProperty(
      lines,
      lines,
      fc.constantFrom("payment_failed" as const, "cancelled" as const),
      async (ordered, meanwhile, ending) => {
        const user = newUser();
        await fill(user, ordered);
        const order = await place(user);
        if (!order) return;
        await fill(user, meanwhile);
        const answer = await failOrder(shop, order, ending, "card_declined");
        expect(answer).toMatchObject({ status: ending });

        await expectStockAsBefore(ordered);
        const shown = await getOrder(shop, order.order_id);
        expect(orderSchema.parse(shown)).toMatchObject({ status: ending });
        const cart = cartSchema.parse(await getCart(shop, user));
        const [now, added] = [quantitiesOf(cart.items), quantitiesOf(meanwhile)];
        const left = quantitiesOf(shown.not_restored ?? []);
        for (const { product_id, quantity } of ordered) {
          const back = (now.get(product_id) ?? 0) - (added.get(product_id) ?? 0);
          expect(back + (left.get(product_id) ?? 0)).toBe(quantity);
          if (left.has(product_id)) {
            expect(now.get(product_id) === MAX_LINE_QUANTITY || now.size === MAX_LINES).toBe(true);
          }
        }
        for (const { product_id, quantity } of meanwhile) {
          expect(now.get(product_id)).toBeGreaterThanOrEqual(quantity);
        }
        // The key's answer is there for good.
        const again = { userId: user, paymentMethod: "pm_card_visa", idempotencyKey: KEY };
        expect(await checkout(shop, again)).toMatchObject({ replayed: true, answer: { status: ending } });
      },
    ),
    runs(10),
  );
}, 300_000);

test("carts do not grow by declines that are repeated while others are added, and none of them gets stuck", async () => {
  const userId = newUser();
  const plain = IDS.filter((id) => !isSplit(id)).map((product_id) => ({ product_id, quantity: 9_000 }));
  const [first, others] = [plain.slice(0, MAX_LINES), plain.slice(MAX_LINES, MAX_LINES + 40)];
  await fill(userId, first);
  for (let round = 0; round < 3; round++) {
    const request = { userId, paymentMethod: "pm_card_chargeDeclined", idempotencyKey: `round-${round}` };
    const [result] = await Promise.all([checkout(shop, request), addWhatFits(userId, others)]);
    expect(declineOf(result)).toMatchObject({ code: "PAYMENT_DECLINED" });
    expect(await checkout(shop, request)).toMatchObject({ replayed: true, answer: result.answer });
    cartSchema.parse(await getCart(shop, userId));
  }
  await expectStockAsBefore([...first, ...others]);
}, 120_000);

test("an order of 97 lines and a cart of 173, as earlier versions left them, end as well", async () => {
  const userId = newUser();
  await fill(
    userId,
    IDS.slice(0, 1).map((product_id) => ({ product_id, quantity: 1 })),
  );
  const order = await place(userId);
  if (!order) throw new Error("One line is never too scattered");
  const lines = Array.from({ length: 173 }, (_, i) => ({
    product_id: 2_147_483_647 - i,
    quantity: 1,
    price_cents: 1,
  }));
  const quantities = Object.fromEntries(lines.map(({ product_id, quantity }) => [product_id, quantity]));
  const cart = { user_id: userId, quantities, version: 9, expires_at: 9_999_999_999, updated_at: "" };
  await shop.db.send(new PutCommand({ TableName: shop.tables.carts, Item: cart }));
  expect(await failOrder(shop, { ...order, lines: lines.slice(0, 97) }, "cancelled", "test")).toMatchObject({
    status: "cancelled",
  });
});

/** Once the checkout has taken the cart. */
const addWhatFits = async (userId: string, wanted: readonly StockLine[]): Promise<void> => {
  while ((await getCart(shop, userId)).items.length > 0) await sleep(1);
  await Promise.allSettled(wanted.map((line) => addToCart(shop, userId, line)));
};

test("an order that can be placed can be fulfilled", async () => {
  await fc.assert(
    fc.asyncProperty(lines, async (ordered) => {
      const user = newUser();
      const plain = ordered.filter(({ product_id }) => !isSplit(product_id));
      await fill(user, plain);
      if (plain.length === 0) return;
      const order = await place(user);
      if (!order) throw new Error("One counter a line is never too scattered");
      const approved = {
        outcome: "approved",
        transactionId: "t",
        amountCents: 1,
        processedAt: "",
        attempts: 1,
      };
      expect(await confirmOrder(shop, order, approved as never)).toMatchObject({ status: "confirmed" });
      expect(await fulfilOrder(shop, order.order_id)).toBe(true);
      expect(await getOrder(shop, order.order_id)).toMatchObject({ status: "fulfilled" });
    }),
    runs(5),
  );
}, 300_000);
