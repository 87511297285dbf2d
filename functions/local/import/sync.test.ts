import { expect, test } from "vitest";
import { addToCart } from "../../../core/cart/cart.ts";
import { checkout } from "../../../core/order/checkout.ts";
import { getStock, setStock } from "../../../core/stock/stock.ts";
import { openTestShop, userWithCart } from "../../../core/testing/fixtures.ts";
import {
  availableOf,
  csv,
  csvRow,
  exportOf,
  importCsv,
  lampRow,
  productsOf,
  UNTRACKED_STOCK,
} from "./testing.ts";

const shop = openTestShop();

test("stock becomes what the file says, whatever was sold; what is reserved stays reserved", async () => {
  const vase = (quantity: number) =>
    exportOf(
      lampRow({ Handle: "vase", Vendor: "Vases", "Variant SKU": "VASE", "Variant Inventory Qty": quantity }),
    );
  await importCsv(shop, vase(5));
  const item = (await productsOf(shop, "Vases")).get("VASE");
  const id = item?.product_id ?? 0;
  await checkout(shop, { userId: await userWithCart(shop, [id, 2]), paymentMethod: "pm_card_visa" });
  expect(await getStock(shop, id)).toMatchObject({ available: 3, reserved: 2 });

  expect(await importCsv(shop, vase(5), { keepStock: true })).toMatchObject({ unchanged: 1, restocked: 0 });
  expect(await importCsv(shop, vase(9))).toMatchObject({ updated: 1, restocked: 1 });
  expect(await getStock(shop, id)).toMatchObject({ available: 9, reserved: 2 });
  await setStock(shop, id, { available: 10, shards: 4 });
  expect(await importCsv(shop, vase(-1))).toMatchObject({ updated: 1, restocked: 1 });
  expect(await getStock(shop, id)).toMatchObject({ available: 0, reserved: 2, shards: 4 });
});

test("untracked stock, stock sold beyond zero, and files without a quantity: sellable, and said", async () => {
  const untracked = csv(
    "Handle,Title,Vendor,Option1 Value,Variant Price,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy",
    "poster-a,Poster A,Posters,Default Title,5.00,POSTER-A,,0,deny",
    "poster-b,Poster B,Posters,Default Title,5.00,POSTER-B,shopify,0,continue",
    "poster-c,Poster C,Posters,Default Title,5.00,POSTER-C,shopify,0,deny",
  );
  expect(await importCsv(shop, untracked)).toMatchObject({ created: 3, untracked: 2, restocked: 3 });
  const products = await productsOf(shop, "Posters");
  expect(await availableOf(shop, products.get("POSTER-A"))).toBe(UNTRACKED_STOCK);
  expect(await availableOf(shop, products.get("POSTER-B"))).toBe(UNTRACKED_STOCK);
  expect(await availableOf(shop, products.get("POSTER-C"))).toBe(0);
  expect(await importCsv(shop, untracked)).toMatchObject({ unchanged: 3, untracked: 2, restocked: 0 });

  const unstated = csv(
    "Handle,Title,Vendor,Price,SKU",
    "poster-c,Poster C,Posters,5,POSTER-C",
    "d,D,Posters,5,POSTER-D",
  );
  expect(await importCsv(shop, unstated)).toMatchObject({
    created: 1,
    unchanged: 1,
    unstated: 2,
    restocked: 1,
  });
  expect(await availableOf(shop, products.get("POSTER-C"))).toBe(0);
  expect(await availableOf(shop, (await productsOf(shop, "Posters")).get("POSTER-D"))).toBe(UNTRACKED_STOCK);
});

const FAN = {
  Handle: "old-fan",
  Title: "Old fan",
  Vendor: "Fans",
  "Variant SKU": "FAN1",
  "Variant Inventory Qty": 5,
};

/** The codes with which adding a piece, and checking out a cart that holds one, are refused. */
const refusals = async (id: number, user: string) => {
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => "sold",
      (error: { code?: string }) => error.code,
    );
  const added = await codeOf(addToCart(shop, await userWithCart(shop), { product_id: id, quantity: 1 }));
  return [added, await codeOf(checkout(shop, { userId: user, paymentMethod: "pm_card_visa" }))];
};

test.each([
  ["archived", { Status: "archived" }],
  ["a draft", { Status: "draft" }],
  ["unpublished", { Published: "FALSE" }],
])("a product that is %s since is off sale until it is not", async (what, change) => {
  const handle = `fan-${what}`;
  const fan = (fields = {}) => exportOf(lampRow({ ...FAN, Handle: handle, Vendor: what, ...fields }));
  await importCsv(shop, fan({ Status: "active" }));
  const id = (await productsOf(shop, what)).get("FAN1")?.product_id ?? 0;
  const user = await userWithCart(shop, [id, 1]);

  expect(await importCsv(shop, fan(change))).toMatchObject({ withdrawn: 1, hidden: 0, updated: 0 });
  expect(await refusals(id, user)).toEqual(["NOT_FOR_SALE", "NOT_FOR_SALE"]);
  expect(await getStock(shop, id)).toMatchObject({ available: 0 });
  expect(await importCsv(shop, fan(change))).toMatchObject({ withdrawn: 0, alreadyOff: 1 });

  expect(await importCsv(shop, fan())).toMatchObject({ created: 0, updated: 1 });
  expect(await refusals(id, user)).toEqual(["sold", "sold"]);
});

test("a hidden product that never was in the shop is left out, wherever its rows stand", async () => {
  const summary = await importCsv(
    shop,
    csv(
      "Handle,Title,Vendor,Option1 Value,Variant Price,Variant SKU,Status,Published",
      "jar,Jar,Jars,S,5.00,JAR-S,draft,TRUE",
      "lid,Lid,Jars,Default Title,5.00,LID,active,TRUE",
      "jar,Jar,Jars,M,5.00,JAR-M,,",
    ),
  );
  expect(summary).toMatchObject({ created: 1, hidden: 2, refused: 0 });
  expect([...(await productsOf(shop, "Jars")).keys()]).toEqual(["LID"]);
});

test("a variant that a product no longer has is off sale, unless the file could not be read whole", async () => {
  const both = exportOf(
    lampRow({ Handle: "pair", Vendor: "Pairs", "Option1 Value": "L", "Variant SKU": "L" }),
    csvRow({ Handle: "pair", "Option1 Value": "R", "Variant SKU": "R", "Variant Price": 2 }),
  );
  const one = exportOf(
    lampRow({ Handle: "pair", Vendor: "Pairs", "Option1 Value": "L", "Variant SKU": "L" }),
  );
  await importCsv(shop, both);
  expect(await importCsv(shop, `${one}x,"never closed\n`)).toMatchObject({
    withdrawn: 0,
    unsure: 1,
    refused: 1,
  });
  expect(await importCsv(shop, one)).toMatchObject({ withdrawn: 1, unchanged: 1 });
  expect((await productsOf(shop, "Pairs")).get("R")).not.toHaveProperty("price_cents");
  expect(await importCsv(shop, both)).toMatchObject({ created: 0, updated: 1, unchanged: 1 });
});

test("products of earlier imports that a file lacks are counted, and with --prune off sale", async () => {
  const other = openTestShop();
  const file = (name: string) => exportOf(lampRow({ Handle: name, Vendor: "Prunes", "Variant SKU": name }));
  await importCsv(other, file("prune-1"));
  const rest = await importCsv(other, file("prune-2"));
  expect(rest.absent).toBeGreaterThan(0);
  expect(rest.withdrawn).toBe(0);
  const unreadable = await importCsv(other, `${file("prune-2")}x,"never closed\n`, { prune: true });
  expect(unreadable).toMatchObject({ withdrawn: 0, absent: rest.absent });
  const pruned = await importCsv(other, file("prune-2"), { prune: true });
  expect(pruned).toMatchObject({ withdrawn: rest.absent, absent: 0, unchanged: 1 });
  expect((await productsOf(shop, "Prunes")).get("prune-1")).not.toHaveProperty("price_cents");
  expect(await importCsv(other, file("prune-2"))).toMatchObject({ absent: 0, withdrawn: 0 });
});
