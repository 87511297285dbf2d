import { afterAll, afterEach, beforeAll, expect, type MockInstance, test, vi } from "vitest";
import { DomainError } from "../errors.ts";
import { openTestShop, stockedProduct } from "../testing/fixtures.ts";
import type { MovementKind } from "./counters.ts";
import { type StockLayout, UNSPLIT } from "./layout.ts";
import { readLayout } from "./read-counters.ts";
import { reshard } from "./reshard.ts";
import { openSharding } from "./sharding.ts";

const shop = openTestShop();

const shardsOf = async (productId: number): Promise<number> => (await readLayout(shop, productId)).shards;

const [TEN_SECONDS, HALF_A_MINUTE] = [10_000, 30_001];

/** A shop's sharding that hears of other processes on a product's counter when the test says so. */
const openWithOthers = (id: number) => {
  const listeners: ((counters: readonly string[]) => void)[] = [];
  const onContention = (listener: (counters: readonly string[]) => void) => void listeners.push(listener);
  const stock = { ...shop.stock, onContention };
  const sharding = openSharding({ ...shop, stock, maxShards: shop.config.stock.maxShards });
  const meet = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) for (const listener of listeners) listener([`${id}#0`]);
    await sharding.idle();
  };
  return { sharding, meet };
};

const lineOf = (product_id: number, layout: StockLayout = UNSPLIT) => ({ product_id, quantity: 1, layout });

test("a split that fails is logged, and is tried again once the product has met as many others", async () => {
  const id = await stockedProduct(shop, 1_000);
  const { sharding, meet } = openWithOthers(id);
  sharding.draw([lineOf(id)]);
  const said = vi.spyOn(shop.log, "info");
  const send = vi
    .spyOn(shop.db, "send")
    .mockRejectedValueOnce(new DomainError("STORAGE_UNAVAILABLE", "Storage is away"));
  await meet(4);
  send.mockRestore();
  expect(said).toHaveBeenLastCalledWith("stock layout not changed", {
    product_id: id,
    reason: "Storage is away",
  });
  await meet(3);
  expect(await shardsOf(id)).toBe(1);
  await meet(1);
  expect(await shardsOf(id)).toBe(4);
  expect(said).toHaveBeenLastCalledWith("stock layout", { product_id: id, shards: 4 });
  said.mockRestore();
});

test("conflicts that lie far apart do not split a product", async () => {
  const id = await stockedProduct(shop, 1_000);
  const { sharding, meet } = openWithOthers(id);
  sharding.draw([lineOf(id)]);
  for (let time = 0; time < 6; time++) {
    await meet(3);
    shop.advance(TEN_SECONDS);
  }
  expect(await shardsOf(id)).toBe(1);
});

test("a process that takes no orders of a product does not split it", async () => {
  const id = await stockedProduct(shop, 1_000);
  const { sharding, meet } = openWithOthers(id);
  sharding.draw([lineOf(await stockedProduct(shop, 1))]);
  await meet(8);
  expect(await shardsOf(id)).toBe(1);
});

const SPLIT: StockLayout = { shards: 4, made: 4, isFixed: true };

let random: MockInstance<typeof Math.random>;
beforeAll(() => {
  random = vi.spyOn(Math, "random");
});
afterEach(() => random.mockReset());
afterAll(() => random.mockRestore());

/** The counter that a line is drawn from while chance says this. */
const drawnBy = (chance: number, sharding: ReturnType<typeof openSharding>, id: number) => {
  random.mockReturnValue(chance);
  return sharding.draw([lineOf(id, SPLIT)])[0]?.shard;
};
test("a process that has met another on its counter sells from another one", async () => {
  const { sharding, meet } = openWithOthers(1);
  expect(drawnBy(0, sharding, 1)).toBe(0);
  expect(drawnBy(0.9, sharding, 1)).toBe(0);
  await meet(1);
  expect(drawnBy(0.9, sharding, 1)).toBe(3);
});

test("a process sells from where it found enough, of products that are split", () => {
  const { sharding } = openWithOthers(1);
  expect([1, 2].map((id) => drawnBy(0, sharding, id))).toEqual([0, 0]);
  const plan = [1, 2].map((product_id) => ({ product_id, shard: 2, quantity: 1 }));
  const lines = [lineOf(1, SPLIT), lineOf(2)];
  sharding.placed(lines, plan, 0);
  expect([1, 2].map((id) => drawnBy(0.9, sharding, id))).toEqual([0, 0]);
  sharding.placed(lines, plan, 1);
  expect([1, 2].map((id) => drawnBy(0.9, sharding, id))).toEqual([2, 0]);
});

/** Orders of a product that is split, and how many counters it has after them. */
const openSplit = async () => {
  const id = await stockedProduct(shop, 1_000);
  await reshard(shop, id, () => 4);
  const { sharding } = openWithOthers(id);
  const place = async (isFixed = false): Promise<number> => {
    sharding.placed([lineOf(id, { ...(await readLayout(shop, id)), isFixed })], [], 0);
    await sharding.idle();
    return shardsOf(id);
  };
  const move = (kind: MovementKind, quantity: number) =>
    shop.stock.commit({
      userId: "somebody",
      items: [],
      movements: [{ product_id: id, shard: 0, quantity, kind }],
    });
  return { place, move };
};

test("sales count from one look to the next, and fulfilled pieces are sales", async () => {
  const { place, move } = await openSplit();
  const after = async (): Promise<number> => {
    shop.advance(HALF_A_MINUTE);
    return place();
  };
  expect(await place()).toBe(4);
  await move("reserve", 90);
  await move("sell", 90);
  expect(await after()).toBe(4);
  await move("reserve", 1);
  expect(await after()).toBe(1);
});

test("a product is looked at every half a minute, and never where its counters were set by hand", async () => {
  const { place } = await openSplit();
  const changes = shop.metrics.total("StockLayoutChanges");
  const reads = vi.spyOn(shop.db, "send");
  const readsOf = async (isFixed?: boolean): Promise<number> => {
    const before = reads.mock.calls.length;
    await place(isFixed);
    return reads.mock.calls.length - before;
  };
  const without = await readsOf(true);
  expect(await readsOf()).toBeGreaterThan(without);
  expect(await readsOf()).toBe(without);
  shop.advance(HALF_A_MINUTE);
  expect(await readsOf(true)).toBe(without);
  expect(await readsOf()).toBeGreaterThan(without);
  reads.mockRestore();
  expect(shop.metrics.total("StockLayoutChanges")).toBe(changes + 1);
});
