import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../loadtest/harness/property-runs.ts";
import { checkout } from "../order/checkout.ts";
import { fulfilOrder } from "../order/fulfilment.ts";
import { allItems, openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import type { CounterItem } from "./counters.ts";
import { readLayout } from "./read-counters.ts";
import { reshard } from "./reshard.ts";
import { getStock, setStock } from "./stock.ts";

const shop = openTestShop();
/** Another process on the same tables: its groups know nothing of the first one's. */
const other = openTestShop();

const to = (shards: number) => (): number => shards;

const countersOf = async (productId: number): Promise<CounterItem[]> =>
  ((await allItems(shop, "stock")) as unknown as CounterItem[])
    .filter(({ product_id }) => product_id === productId)
    .sort((a, b) => a.shard - b.shard);

const availableOf = async (productId: number): Promise<number[]> =>
  (await countersOf(productId)).map(({ available }) => available);

test("splits what there is into equal parts, and brings it together again", async () => {
  const id = await stockedProduct(shop, 403);
  expect(await reshard(shop, id, to(4))).toBe(4);
  expect(await availableOf(id)).toEqual([103, 100, 100, 100]);
  expect(await reshard(shop, id, to(16))).toBe(16);
  expect(await getStock(shop, id)).toMatchObject({ available: 403, shards: 16 });
  expect(Math.min(...(await availableOf(id)))).toBe(25);
  expect(await reshard(shop, id, to(1))).toBe(1);
  expect((await availableOf(id))[0]).toBe(403);
  expect(await getStock(shop, id)).toMatchObject({ available: 403, reserved: 0, sold: 0 });
});

test("brings the very last piece of a counter together with the others", async () => {
  const id = await stockedProduct(shop, 40);
  await reshard(shop, id, to(4));
  const taken = [0, 8, 9, 10].map((quantity, shard) => ({ product_id: id, shard, quantity }));
  const movements = taken.slice(1).map((line) => ({ ...line, kind: "take" as const }));
  await shop.stock.commit({ userId: "taker", items: [], movements });
  expect(await reshard(shop, id, to(1))).toBe(1);
  expect(await availableOf(id)).toEqual([13, 0, 0, 0]);
});

test("pieces that came back to a counter out of use stay there when there are more again", async () => {
  const id = await stockedProduct(shop, 160);
  await reshard(shop, id, to(16));
  await reshard(shop, id, to(2));
  for (const shard of [2, 5]) {
    const movements = [{ product_id: id, shard, quantity: 3, kind: "put" as const }];
    await shop.stock.commit({ userId: `giver ${shard}`, items: [], movements });
  }
  expect(await reshard(shop, id, to(4))).toBe(4);
  expect((await availableOf(id)).slice(0, 6)).toEqual([40, 40, 43, 40, 0, 3]);
  expect(await reshard(shop, id, to(1))).toBe(1);
  expect(await availableOf(id)).toEqual([166, ...Array.from({ length: 15 }, () => 0)]);
});

test("does nothing by a layout that others have changed since, even if all is as it was by then", async () => {
  const id = await stockedProduct(shop, 400);
  await reshard(shop, id, to(4));
  const commit: typeof shop.stock.commit = async (work) => {
    await reshard(other, id, to(1));
    await reshard(other, id, to(4));
    return shop.stock.commit(work);
  };
  const { changes = 0 } = await readLayout(shop, id);
  expect(await reshard({ ...shop, stock: { commit } }, id, to(2))).toBeUndefined();
  expect(await readLayout(shop, id)).toMatchObject({ shards: 4, changes: changes + 2 });
  expect(await availableOf(id)).toEqual([100, 100, 100, 100]);
});

test("makes every counter of the layout, also those that get nothing yet", async () => {
  const id = await stockedProduct(shop, 400);
  await reshard(shop, id, to(4));
  for (let left = (await availableOf(id))[0] ?? 0; left > 0; left -= 20) {
    const quantity = Math.min(20, left);
    await shop.stock.commit({
      userId: "buyer",
      items: [],
      movements: [{ product_id: id, shard: 0, quantity, kind: "reserve" }],
    });
  }
  expect(await reshard(shop, id, to(16))).toBe(16);
  expect(await countersOf(id)).toHaveLength(16);
  expect(await getStock(shop, id)).toMatchObject({ available: 300, reserved: 100 });
});

test("leaves alone what was set by hand, until the shop may choose again", async () => {
  const id = await stockedProduct(shop, 1_000);
  await setStock(shop, id, { available: 1_000, shards: 2 });
  expect(await reshard(shop, id, to(8))).toBeUndefined();
  await setStock(shop, id, { available: 900 });
  expect(await reshard(shop, id, to(8))).toBeUndefined();
  await setStock(shop, id, { available: 800, shards: "auto" });
  expect(await reshard(shop, id, to(8))).toBe(8);
  expect(await getStock(shop, id)).toMatchObject({ available: 800, shards: 8 });
});

test("does not scatter the last pieces", async () => {
  const id = await stockedProduct(shop, 39);
  expect(await reshard(shop, id, to(4))).toBeUndefined();
  expect(await availableOf(id)).toEqual([39]);
});

test("orders of a product whose counters change are sold or released where they were taken", async () => {
  const id = await stockedProduct(shop, 400);
  await reshard(shop, id, to(4));
  const users = await Promise.all(Array.from({ length: 12 }, () => userWithCart(shop, [id, 5])));
  const orders = await Promise.all(
    users.map((userId) => checkout(shop, { userId, paymentMethod: "pm_card_visa" })),
  );
  await reshard(shop, id, to(1));
  await Promise.all(orders.map(({ order }) => fulfilOrder(other, order.order_id)));
  expect(await getStock(shop, id)).toMatchObject({ available: 340, reserved: 0, sold: 60 });
});

/** A step of two processes that work on one product at once. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("buy" as const), quantity: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("decline" as const), quantity: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("reshard" as const), quantity: fc.constantFrom(1, 2, 4, 16) }),
  },
);

test("no piece is lost, sold twice, or refused while there is one, as two processes sell and counters change", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 4, maxLength: 24 }),
      fc.integer({ min: 1, max: 180 }),
      async (steps, pieces) => {
        const id = await stockedProduct(shop, pieces);
        const carts = await Promise.all(
          steps.map(({ kind, quantity }) => (kind === "reshard" ? "" : userWithCart(shop, [id, quantity]))),
        );
        const outcomes = await Promise.allSettled(
          steps.map(async ({ kind, quantity }, i) => {
            const process = i % 2 ? other : shop;
            if (kind === "reshard") return void (await reshard(process, id, to(quantity)));
            const paymentMethod = kind === "buy" ? "pm_card_visa" : "pm_card_chargeDeclined";
            return checkout(process, { userId: carts[i] ?? "", paymentMethod });
          }),
        );
        const bought = outcomes.flatMap((outcome, i) =>
          steps[i]?.kind === "buy" && outcome.status === "fulfilled" ? (steps[i]?.quantity ?? 0) : [],
        );
        const taken = bought.reduce((sum, quantity) => sum + quantity, 0);
        const counters = await countersOf(id);
        for (const { available, reserved } of counters) {
          expect(available).toBeGreaterThanOrEqual(0);
          expect(reserved).toBeGreaterThanOrEqual(0);
        }
        expect(await getStock(shop, id)).toMatchObject({
          available: pieces - taken,
          reserved: taken,
          sold: 0,
        });
        const wanted = steps.reduce(
          (sum, { kind, quantity }) => sum + (kind === "reshard" ? 0 : quantity),
          0,
        );
        for (const outcome of outcomes) {
          if (outcome.status !== "rejected") continue;
          expect(outcome.reason).toMatchObject({ code: "OUT_OF_STOCK" });
          // Where all that is wanted is there, nobody hears that it is not.
          expect(wanted).toBeGreaterThan(pieces);
        }
        expect((await readLayout(shop, id)).made).toBe(counters.length);
      },
    ),
    runs(15),
  );
}, 120_000);
