import fc from "fast-check";
import { expect, test } from "vitest";
import { anyText } from "../../loadtest/harness/any-text.ts";
import { runs } from "../../loadtest/harness/property-runs.ts";
import { readConfig } from "../config/config.ts";
import { openLogger } from "../telemetry/logger.ts";
import type { Product } from "./product.ts";
import { searchableOf } from "./search-entry.ts";
import { openIndex } from "./search-file.ts";

const failures: unknown[] = [];
const newIndex = () => openIndex(undefined, openLogger(readConfig()), (error) => failures.push(error));

const entry = (product_id: number, name: string, fields: Partial<Product> = {}): Product => ({
  ...(searchableOf({ product_id, version: 1 })[0] as Product),
  sku: `SKU-${product_id}`,
  name,
  ...fields,
});

test("a match in the name ranks above one in the description", async () => {
  const index = await newIndex();
  index.put(entry(1, "Something else", { description: "goes well with a lantern" }));
  index.put(entry(2, "Lantern"));
  expect(index.find("lantern", 10)).toEqual({ productIds: [2, 1], total: 2 });
});

test.each([2, 2_000])("whole words rank before beginnings, among %d matches", async (count) => {
  const index = await newIndex();
  index.putAll(Array.from({ length: count }, (_, i) => entry(i + 1, "Zorbing zorbing kit")));
  index.put(entry(9_000, "Big ball", { description: "made to zorb" }));
  index.put(entry(9_001, "Zorb"));
  expect(index.find("zorb", 3)).toEqual({ productIds: [9_001, 9_000, 1], total: count + 2 });
});

test("a query that matches nearly everything gives the matches in names first", async () => {
  const index = await newIndex();
  const fields = { description: "from our range" };
  index.putAll(Array.from({ length: 4_000 }, (_, i) => entry(i + 1, `thing ${i}`, fields)));
  index.put(entry(5_000, "Range cooker"));
  expect(index.find("range", 3)).toEqual({ productIds: [5_000, 1, 2], total: 4_001 });
  expect(index.find("thing range", 2)).toEqual({ productIds: [1, 2], total: 4_000 });
});

test("an older version that comes late does not replace a newer one", async () => {
  const index = await newIndex();
  index.put(entry(1, "newer", { version: 2 }));
  index.putAll([entry(1, "older")]);
  index.put(entry(1, "older"));
  expect(index.find("older", 1).total).toBe(0);
  expect(index.find("newer", 1).total).toBe(1);
  expect(index.size).toBe(1);
});

test("an answer is never older than a write", async () => {
  const index = await newIndex();
  const names = ["oak lamp", "oak table", "pine lamp", "oakwood lampshade", "pine lampshade"];
  const versions = new Map<number, number>();
  const stored = new Map<number, string>();
  const write = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(...names));
  fc.assert(
    fc.property(fc.array(write, { maxLength: 8 }), (writes) => {
      for (const [id, name] of writes) {
        const version = (versions.get(id) ?? 0) + 1;
        versions.set(id, version);
        stored.set(id, name);
        index.put(entry(id, name, { version }));
        for (const word of ["oak", "lamp", "pine", "sku-"]) {
          const expected = [...stored].filter(([, text]) => word === "sku-" || text.includes(word));
          const { productIds, total } = index.find(word, 10);
          expect(productIds.toSorted()).toEqual(expected.map(([key]) => key).toSorted());
          expect(total).toBe(expected.length);
        }
      }
    }),
  );
});

test.each([
  ["decomposed spelling", "Rübe", "Ru\u0308be"],
  ["case of sharp s", "Straße", "STRASSE"],
  ["final sigma", "οδός", "ΟΔΟΣ"],
  ["letters with a stroke", "Łódź", "lodz"],
  ["Danish", "Rødgrød", "rodgrod"],
  ["Vietnamese", "Đà Nẵng", "da nang"],
  ["Chinese, the middle of a word", "东京都渋谷区", "京都渋"],
  ["Chinese, the last character", "东京都渋谷区", "区"],
  ["Japanese after Latin", "iPhone15ケース", "ケース"],
  ["Thai, the middle", "กรุงเทพมหานคร", "มหา"],
  ["Korean, the middle", "서울특별시청", "특별"],
])("finds across spellings: %s", async (_, name, query) => {
  const index = await newIndex();
  index.put(entry(1, name));
  index.put(entry(2, "Other"));
  expect(index.find(query, 5)).toEqual({ productIds: [1], total: 1 });
  expect(index.find(name, 5)).toEqual({ productIds: [1], total: 1 });
});

test("unspaced text is found in its order only", async () => {
  const index = await newIndex();
  index.put(entry(1, "東京都"));
  expect(index.find("京東", 5).total).toBe(0);
  expect(index.find("東都", 5).total).toBe(0);
});

test("the thirteenth and every further word must match", async () => {
  const index = await newIndex();
  const words = Array.from({ length: 20 }, (_, i) => `word${String.fromCharCode(97 + i)}`);
  index.put(entry(1, words.join(" ")));
  index.put(entry(2, words.slice(0, 12).join(" ")));
  expect(index.find(words.join(" "), 5)).toEqual({ productIds: [1], total: 1 });
});

test("no text a person can type breaks the query", async () => {
  const index = await newIndex();
  index.put(entry(1, 'NEAR "quoted" AND (weird) OR NOT name:* ^col -x'));
  const text = fc.oneof(anyText({ maxLength: 60 }), fc.string({ maxLength: 60 }));
  fc.assert(
    fc.property(text, (query) => index.find(query, 5).total >= 0),
    runs(300),
  );
  for (const query of ['"', "*", "name:x", "a AND", "NOT", "(", "near(", "-", "ก็", "שָׁ", "ﬀ", "𝒳", "\0"])
    index.find(query, 5);
  expect(index.find("quoted weird", 5).productIds).toEqual([1]);
});

test("every product is found by its own name", async () => {
  const index = await newIndex();
  let version = 0;
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 30 }), (name) => {
      index.put(entry(1, `${name} x`, { version: ++version }));
      expect(index.find(`${name} x`, 5).productIds).toEqual([1]);
    }),
    runs(300),
  );
});

test("does not find a removed product", async () => {
  const index = await newIndex();
  index.put(entry(1, "Lamp"));
  index.remove(1);
  index.remove(1);
  expect(index.find("lamp", 5).total).toBe(0);
  expect(index.find("SKU-1", 5).total).toBe(0);
  expect(index.size).toBe(0);
  expect(failures).toEqual([]);
});
