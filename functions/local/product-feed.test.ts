import { copyFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { putProduct } from "../../core/catalog/catalog.ts";
import { isSearchReady, searchProducts } from "../../core/catalog/search.ts";
import { buildSearchIndex, closeSearch } from "../../core/catalog/search-build.ts";
import type { Shop } from "../../core/shop.ts";
import { openTestShop } from "../../core/testing/fixtures.ts";
import { createTables } from "./create-tables.ts";
import { openSearchSource } from "./product-feed.ts";

const details = { sku: "S", manufacturer: "M", category_id: 1, weight: 1, some_other_id: 1 };
const open: Shop[] = [];
let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "stampede-search-"));
  file = join(dir, "search.db");
});

afterEach(async () => {
  for (const shop of open.splice(0)) await closeSearch(shop);
  rmSync(dir, { recursive: true });
});

/** A shop whose index is kept in the file, and what it says about it in the log. */
const openKept = async () => {
  const shop = openTestShop();
  const log = vi.spyOn(shop.log, "warn");
  const scan = vi.spyOn(shop.db, "send");
  shop.search.source = await openSearchSource(shop, file, false);
  open.push(shop);
  await buildSearchIndex(shop);
  const scans = scan.mock.calls.filter(([command]) => command.constructor.name === "ScanCommand").length;
  return { shop, isBuilt: scans > 0, warnings: () => log.mock.calls.map(([message]) => message) };
};

const close = async (shop: Shop) => {
  open.splice(open.indexOf(shop), 1);
  await closeSearch(shop);
};

const total = async (shop: Shop, query: string) => (await searchProducts(shop, query, 5)).total_found;

/** A shop that writes as another process: its own search is never opened. */
const writer = openTestShop();
await createTables(writer.config);
let lastId = 0;
const write = async (name: string, product_id = (lastId += 1)) => {
  await putProduct(writer, { product_id, name, ...details });
  return product_id;
};

test("a stored index is caught up with what was written, changed and deleted meanwhile", async () => {
  const [changed, deleted] = [await write("Albatross"), await write("Bittern")];
  const first = await openKept();
  expect(first.isBuilt).toBe(true);
  await close(first.shop);

  await write("Cormorant", changed);
  await write("Dunlin");
  await writer.db.send(
    new DeleteCommand({ TableName: writer.tables.products, Key: { product_id: deleted } }),
  );
  const { shop, isBuilt, warnings } = await openKept();
  expect(isBuilt).toBe(false);
  expect(
    await Promise.all(["albatross", "bittern", "cormorant", "dunlin"].map((q) => total(shop, q))),
  ).toEqual([0, 0, 1, 1]);
  expect(warnings()).toEqual([]);
});

test("finds other processes' writes without Redis", async () => {
  const { shop } = await openKept();
  await write("Egret");
  await vi.waitUntil(async () => (await total(shop, "egret")) === 1, { timeout: 20_000 });
});

test("a process killed at any moment leaves an index that is right", async () => {
  const { shop } = await openKept();
  const id = await write("Fulmar");
  await putProduct(shop, { product_id: id, name: "Gannet", ...details });
  // The file as after kill -9: products that only wait to be written are not in it.
  const copy = join(dir, "killed.db");
  for (const suffix of ["", "-wal"]) copyFileSync(file + suffix, copy + suffix);
  await close(shop);
  file = copy;
  const next = await openKept();
  expect(next.isBuilt).toBe(false);
  expect(await total(next.shop, "fulmar")).toBe(0);
  expect(await total(next.shop, "gannet")).toBe(1);
});

const damages: [string, (path: string) => void][] = [
  ["is empty", (path) => truncateSync(path, 0)],
  ["was cut off", (path) => truncateSync(path, statSync(path).size / 2)],
  ["is no database", (path) => writeFileSync(path, "so it goes ".repeat(10_000))],
  ["is a folder's worth of zeros", (path) => writeFileSync(path, Buffer.alloc(65_536))],
  ["has another schema", (path) => inDatabase(path, "PRAGMA user_version = 999")],
  ["is of another table", (path) => inDatabase(path, "UPDATE notes SET value = 'x' WHERE name = 'table'")],
  ["was not completed", (path) => inDatabase(path, "DELETE FROM notes WHERE name = 'complete'")],
  ["lacks products", (path) => inDatabase(path, "DELETE FROM products WHERE id = 1")],
  ["lacks a table", (path) => inDatabase(path, "DROP TABLE products")],
  [
    "is ahead of the stream",
    (path) => inDatabase(path, `UPDATE notes SET value = '["99","1",0]' WHERE name GLOB 'place*'`),
  ],
  [
    "has a senseless place",
    (path) => inDatabase(path, "UPDATE notes SET value = '{' WHERE name GLOB 'place*'"),
  ],
];

/** As it would be had the shop written it so. */
const inDatabase = (path: string, statement: string): void => {
  rmSync(`${path}.seal`);
  const sqlite = new DatabaseSync(path);
  sqlite.exec(statement);
  sqlite.close();
};

test.each(damages)("a file that %s is built again", async (_, damage) => {
  await write("Heron", 1);
  const { shop } = await openKept();
  await close(shop);
  damage(file);
  const next = await openKept();
  expect(next.isBuilt).toBe(true);
  expect(await total(next.shop, "heron")).toBe(1);
  if (_ !== "is empty") expect(next.warnings().join()).toMatch(/building it again/);
});

test("a file that another process has is left to it", async () => {
  const { shop } = await openKept();
  const second = await openKept();
  expect(second.warnings().join()).toMatch(/kept in memory/);
  await write("Ibis");
  for (const each of [shop, second.shop]) {
    await vi.waitUntil(async () => (await total(each, "ibis")) === 1, { timeout: 20_000 });
  }
});

test("damage that shows only later has the index built again", async () => {
  const id = await write("Jacana");
  const { shop } = await openKept();
  const index = shop.search.index;
  if (!index) throw new Error("There is no index");
  vi.spyOn(index, "find").mockImplementation(() => {
    throw Object.assign(new Error("database disk image is malformed"), { errcode: 11 });
  });
  await expect(searchProducts(shop, "jacana", 5)).rejects.toMatchObject({ code: "SEARCH_NOT_READY" });
  expect(isSearchReady(shop)).toBe(false);
  await vi.waitUntil(() => isSearchReady(shop), { timeout: 20_000 });
  expect(await total(shop, "jacana")).toBe(1);
  await write("Kestrel", id);
  await vi.waitUntil(async () => (await total(shop, "jacana")) === 0, { timeout: 20_000 });
});
