import { expect, test } from "vitest";
import type { Shop } from "../../../core/shop.ts";
import { openTestShop } from "../../../core/testing/fixtures.ts";
import { matchVariants } from "./match-products.ts";
import type { MerchantProduct } from "./row.ts";
import { importCsv, shopifyRowsIn } from "./testing.ts";

/** An export of one product with this many variants. */
const oneProduct = (variants: number, body = ""): string =>
  [
    "Handle,Title,Body (HTML),Vendor,Option1 Value,Option2 Value,Variant Price,Variant Inventory Qty",
    ...Array.from({ length: variants }, (_, index) =>
      index === 0 ? `big,Big,${body},Bigs,o0,x,5.00,3` : `big,,,,o${index},x,5.00,3`,
    ),
  ].join("\n");

/**
 * The shortest of up to three times: a busy machine only makes them longer.
 *
 * @param bound the first time below it ends it
 */
const timed = async <T>(work: () => T | Promise<T>, bound = 0): Promise<[T, milliseconds: number]> => {
  let least = Number.POSITIVE_INFINITY;
  for (let times = 0; ; times++) {
    const startedAt = performance.now();
    const result = await work();
    least = Math.min(least, performance.now() - startedAt);
    if (times === 2 || least < bound) return [result, least];
  }
};

const productOf = async (text: string): Promise<MerchantProduct> => {
  const product = (await shopifyRowsIn(text)).find((row) => row.kind === "product");
  if (!product) throw new Error("no product");
  return product;
};

test("20,000 variants of one product are read and matched in time linear in their number", async () => {
  await productOf(oneProduct(2_000));
  const [, few] = await timed(() => productOf(oneProduct(2_000)));
  const [product, many] = await timed(() => productOf(oneProduct(20_000)), 40 * few);
  expect(product.variants).toHaveLength(20_000);
  // Ten times as many: 10 times as long when linear, 100 times when quadratic.
  expect(many / few).toBeLessThan(40);

  const records = product.variants.map(({ options, sku }, index) => ({
    handle: "big",
    product_id: index + 1,
    options,
    sku,
    position: index + 1,
  }));
  const relabelled = product.variants.map((variant) => ({ ...variant, options: [`new ${variant.line}`] }));
  const [{ matched, gone }, matching] = await timed(() => matchVariants(records, relabelled), many);
  expect(matched.every(({ record, position }) => record?.product_id === position)).toBe(true);
  expect(gone).toEqual([]);
  expect(matching).toBeLessThan(many);
});

test("a product's text is read once, not once a variant", async () => {
  await productOf(oneProduct(2_000));
  const [, plain] = await timed(() => productOf(oneProduct(2_000)));
  const described = oneProduct(2_000, "<p>word &amp; word</p>".repeat(10_000));
  const [product, long] = await timed(() => productOf(described), 20 * plain);
  expect(product.variants[1_999]?.details?.description).toContain("word & word");
  expect(long / plain).toBeLessThan(20);
});

test("an import asks the database a bounded number of times a variant; again, a bounded number a hundred", async () => {
  const shop = openTestShop();
  let commands = 0;
  const send = ((command: never, ...rest: never[]) => {
    commands += 1;
    return shop.db.send(command, ...rest);
  }) as Shop["db"]["send"];
  const counting = { ...shop, db: { ...shop.db, send } };
  const text = oneProduct(300);

  expect(await importCsv(counting, text)).toMatchObject({ created: 300 });
  // A record, a product, and stock: its layout, a transaction, and the counters that it leaves between two more layouts.
  expect(commands).toBeLessThan(7 * 300 + 50);
  commands = 0;
  expect(await importCsv(counting, text)).toMatchObject({ unchanged: 300 });
  expect(commands).toBeLessThan(3 * 3 + 10);
});
