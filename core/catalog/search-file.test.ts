import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "../config/config.ts";
import { openLogger } from "../telemetry/logger.ts";
import { searchableOf } from "./search-entry.ts";
import { isComplete, isDamage, markComplete, openIndex } from "./search-file.ts";
import type { SearchIndex } from "./search-index.ts";

const WORDS = ["oak", "lamp", "steel", "kettle", "wool", "scarf", "tent", "desk", "東京都", "Straße"];
const QUERIES = [...WORDS, "oak lamp", "sku-1", "sku-2999", "ste", "wool tent"];
const PRODUCTS = 3_000;

const dir = mkdtempSync(join(tmpdir(), "stampede-search-"));
const original = join(dir, "original.db");
const log = openLogger(readConfig());
let expected: unknown[];

const open = (path: string, table = "table"): Promise<SearchIndex> =>
  openIndex({ path, table }, log, (error) => {
    throw error;
  });
const answersOf = (index: SearchIndex) => QUERIES.map((query) => index.find(query, 10));

beforeAll(async () => {
  const index = await open(original);
  const word = (i: number) => WORDS[i % WORDS.length] ?? "";
  index.putAll(
    Array.from({ length: PRODUCTS }).flatMap((_, i) =>
      searchableOf({
        product_id: i + 1,
        version: 1,
        sku: `SKU-${i + 1}`,
        name: `${word(i)} ${word(i >> 2)}`,
        manufacturer: word(i >> 4),
        category: word(i >> 6),
        description: `${word(i)} of ${word(i >> 3)} number${i}`,
      }),
    ),
  );
  markComplete(index);
  expected = answersOf(index);
  index.close();
});

afterAll(() => rmSync(dir, { recursive: true }));

test("an index is there again, with its notes", async () => {
  const index = await open(original);
  expect(isComplete(index)).toBe(true);
  expect(index.size).toBe(PRODUCTS);
  expect(answersOf(index)).toEqual(expected);
  index.note("position", "7");
  index.close();
  expect(existsSync(`${original}.seal`)).toBe(true);
  const again = await open(original);
  expect(existsSync(`${original}.seal`)).toBe(false);
  expect(again.noted("position")).toBe("7");
  again.close();
});

const damage = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 4_096 }),
});

/** The file with some bytes overwritten, beside its seal if it has one. */
const damagedCopy = (from: string, { at, bytes }: { at: number; bytes: Uint8Array }): string => {
  const path = join(dir, "damaged.db");
  rmSync(`${path}.seal`, { force: true });
  if (existsSync(`${from}.seal`)) copyFileSync(`${from}.seal`, `${path}.seal`);
  const content = readFileSync(from);
  content.set(bytes.subarray(0, content.length - start(at, content)), start(at, content));
  writeFileSync(path, content);
  return path;
};
const start = (at: number, { length }: Uint8Array): number => Math.floor(at * length);

test("damage anywhere in a file that was closed has it built again", async () => {
  await fc.assert(
    fc.asyncProperty(damage, async (harm) => {
      const index = await open(damagedCopy(original, harm));
      if (isComplete(index)) expect(answersOf(index)).toEqual(expected); // The same bytes as before.
      index.close();
    }),
    { numRuns: 60 },
  );
});

test("damage in the file of a killed process is noticed, or searches go on", async () => {
  const killed = join(dir, "killed.db");
  copyFileSync(original, killed);
  let noticed = 0;
  await fc.assert(
    fc.asyncProperty(damage, async (harm) => {
      const index = await open(damagedCopy(killed, harm));
      if (!isComplete(index)) noticed += 1;
      else {
        try {
          answersOf(index);
        } catch (error) {
          expect(isDamage(error)).toBe(true);
        }
      }
      index.close();
    }),
    { numRuns: 60 },
  );
  expect(noticed).toBeGreaterThan(0);
});

test("of two processes the second keeps its index in memory", async () => {
  const first = await open(original);
  const second = await open(original);
  expect(isComplete(second)).toBe(false);
  second.close();
  expect(answersOf(first)).toEqual(expected);
  first.close();
});

test("a folder that can't be written to costs the file and no search", async () => {
  const index = await open(join(dir, "missing", "search.db"));
  expect(index.find("oak", 1)).toEqual({ productIds: [], total: 0 });
  index.close();
});

test("SQLite's words for damage are known", async () => {
  const { DatabaseSync } = await import("node:sqlite");
  const path = join(dir, "none.db");
  writeFileSync(path, "so it goes ".repeat(1_000));
  const sqlite = new DatabaseSync(path);
  try {
    sqlite.exec("SELECT * FROM sqlite_schema");
    expect.unreachable();
  } catch (error) {
    expect(isDamage(error)).toBe(true);
  } finally {
    sqlite.close();
  }
  expect(isDamage(new Error("other"))).toBe(false);
});
