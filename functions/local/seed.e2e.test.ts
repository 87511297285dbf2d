import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { getProduct } from "../../core/catalog/catalog.ts";
import { productSchema } from "../../core/catalog/product.ts";
import { getStock } from "../../core/stock/stock.ts";
import { openShop } from "../../core/testing/open-shop.ts";
import { patientConfig } from "../../core/testing/patient-config.ts";
import { tempDataDir } from "../testing/data-dirs.ts";
import { generateProduct } from "./catalog-generator.ts";
import { createTables } from "./create-tables.ts";
import { startEngine } from "./engine.ts";
import { openProgress } from "./progress.ts";
import { seedDatabase } from "./seed.ts";

const silent = openProgress({ isTTY: false, write: () => true } as unknown as NodeJS.WriteStream);

test("a new database has every product of the catalogue with its stock, a known one is left alone", async () => {
  const dataDir = await tempDataDir();
  const config = { ...patientConfig(), dataDir, catalogSize: 300 };
  const file = join(dataDir, "stampede.db");
  await mkdir(join(dataDir, "seed-killed")); // Leftovers of a killed seeding.
  await seedDatabase(config, file, silent);
  expect(await readdir(dataDir)).toEqual(["stampede.db"]);

  const engine = await startEngine(file);
  const seeded = { ...config, dynamodb: { ...config.dynamodb, endpoint: engine.endpoint } };
  await createTables(seeded);
  const shop = openShop(seeded);
  for (const id of [1, 150, 300]) {
    expect(productSchema.parse(await getProduct(shop, id)).product_id).toBe(id);
    expect(await getStock(shop, id)).toEqual({ product_id: id, available: 1_000_000, reserved: 0, sold: 0 });
  }
  await expect(getProduct(shop, 301)).rejects.toMatchObject({ code: "PRODUCT_NOT_FOUND" });
  await engine.stop();

  await writeFile(join(dataDir, "other.db"), "kept");
  await seedDatabase({ ...config, catalogSize: 5 }, join(dataDir, "other.db"), silent);
  expect(await Bun.file(join(dataDir, "other.db")).text()).toBe("kept");
});

test("a product's number always makes the same product, and neighbours differ", () => {
  expect(generateProduct(42)).toEqual(generateProduct(42));
  const names = new Set(Array.from({ length: 1_000 }, (_, i) => generateProduct(i + 1).name));
  expect(names.size).toBeGreaterThan(500);
});
