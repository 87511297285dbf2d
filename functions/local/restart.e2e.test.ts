import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type Launched, launch } from "../testing/launched-shop.ts";

const PRODUCTS = 300;
const dir = mkdtempSync(join(tmpdir(), "stampede-restart-"));
let shop: Launched | undefined;

afterEach(async () => {
  await shop?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const start = async () => {
  shop = await launch({ DATA_DIR: dir, CATALOG_SIZE: String(PRODUCTS), LOG_LEVEL: "INFO" });
  const { url, stdout, stop } = shop;
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const response = await fetch(`${url}/products/search?q=lamp`);
  expect(response.status).toBe(200);
  const found = await response.json();
  const log = stdout().match(/"message":"search index ready".*/)?.[0];
  await stop();
  shop = undefined;
  return { found, log };
};

test("an open shop answers searches, and a restart finds the index that the first start made", async () => {
  const first = await start();
  expect(first.log).toContain('"is_new":true');
  expect(first.found).toMatchObject({ checked_count: PRODUCTS });
  const second = await start();
  expect(second.log).toContain('"is_new":false');
  const { search_time: _, ...found } = second.found as Record<string, unknown>;
  expect(first.found).toMatchObject(found);
});
