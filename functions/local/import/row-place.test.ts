import { expect, test } from "vitest";
import { putProduct } from "../../../core/catalog/catalog.ts";
import { INT32_MAX } from "../../../core/catalog/product.ts";
import { openTestShop } from "../../../core/testing/fixtures.ts";
import { type Placeable, placeProducts } from "./row-place.ts";
import { FIRST_STABLE_NUMBER } from "./stable-number.ts";

const shop = openTestShop();

/** A product whose first choice of a number is the given one. */
const variant = (name: string, product_id: number, isNumbered = false): Placeable => ({
  isNumbered,
  origin: { handle: name, options: [] },
  details: {
    product_id,
    sku: name,
    manufacturer: "Umber",
    category_id: 1,
    weight: 1,
    some_other_id: 1,
    name,
  },
});

const place = async (...products: Placeable[]): Promise<number[]> =>
  (await placeProducts(shop, products, new Set())).map(({ details }) => details.product_id);

const write = async (...products: Placeable[]): Promise<void> => {
  for (const { details } of await placeProducts(shop, products, new Set())) await putProduct(shop, details);
};

test("two variants that meet on one number in a file get two, and the same two whatever their order later", async () => {
  const one = variant("one", 1_500_000_000);
  const two = variant("two", 1_500_000_000);
  expect(await place(one, two)).toEqual([1_500_000_000, 1_500_000_001]);
  await write(one, two);
  expect(await place(two, one)).toEqual([1_500_000_001, 1_500_000_000]);
  expect(await place(two)).toEqual([1_500_000_001]);
});

test("a number that another product of the shop has is passed over, around the end of the range too", async () => {
  await write(variant("last", INT32_MAX, true), variant("first", FIRST_STABLE_NUMBER, true));
  expect(await place(variant("new", INT32_MAX))).toEqual([FIRST_STABLE_NUMBER + 1]);
});

test("a product whose SKU or whose title has changed is still the same one", async () => {
  await write(variant("stool", 1_600_000_000));
  const { details, ...row } = variant("stool", 1_600_000_000);
  const renamed = { ...row, details: { ...details, name: "Bar stool" } };
  const relabelled = { ...row, details: { ...details, sku: "ST-1" } };
  expect(await place(renamed)).toEqual([1_600_000_000]);
  expect(await place(relabelled)).toEqual([1_600_000_000]);
  const [placed] = await placeProducts(shop, [relabelled], new Set());
  expect(placed?.stored).toMatchObject({ product_id: 1_600_000_000, sku: "stool" });
});

test("a product that an earlier version imported under a made-up SKU is the same one once it has another and another title", async () => {
  const old = variant("tray", 1_650_000_000);
  const details = { ...old.details, sku: "tray/S", name: "Tray – S" };
  await write({ ...old, details });
  const now = { ...details, sku: "TR-S", name: "Serving tray – S" };
  const origin = { handle: "tray", options: ["S"] };
  expect(await place({ ...old, details: now, origin })).toEqual([1_650_000_000]);
  expect(await place({ ...old, details: now })).toEqual([1_650_000_001]);
});

test("a number that another import has given is passed over before its product is there", async () => {
  const [placed] = await placeProducts(shop, [variant("late", 1_700_000_000)], new Set([1_700_000_000]));
  expect(placed?.details.product_id).toBe(1_700_000_001);
});

test("a number that the file gives is never moved", async () => {
  await write(variant("owner", 77, true));
  const [placed] = await placeProducts(shop, [variant("heir", 77, true)], new Set());
  expect(placed?.details).toMatchObject({ product_id: 77, sku: "heir" });
  expect(placed?.stored?.sku).toBe("owner");
});
