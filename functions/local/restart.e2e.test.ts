import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endPolitely } from "../../loadtest/harness/end-politely.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { startShop } from "../../loadtest/harness/shop-process.ts";

const PRODUCTS = 300;
const dir = mkdtempSync(join(tmpdir(), "stampede-restart-"));
endWithTests(() => rmSync(dir, { recursive: true, force: true }));

const start = async () => {
  const shop = await startShop({ DATA_DIR: dir, CATALOG_SIZE: String(PRODUCTS) });
  endWithTests(() => endPolitely(shop));
  const { url, stdout } = shop;
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const response = await fetch(`${url}/products/search?q=lamp`);
  expect(response.status).toBe(200);
  const found = await response.json();
  const log = stdout().match(/"message":"search index ready".*/)?.[0];
  await endPolitely(shop);
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
