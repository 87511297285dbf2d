import { expect, onTestFinished, test } from "vitest";
import { putProduct } from "../../core/catalog/catalog.ts";
import { openShop } from "../../core/testing/open-shop.ts";
import { patientConfig } from "../../core/testing/patient-config.ts";
import { startLimits } from "./limits/start-limits.ts";
import { watchUnits } from "./watch-units.ts";

test("the units of what is read and written appear, second by second", async () => {
  const { DYNAMODB_ENDPOINT: database = "" } = process.env;
  const layer = await startLimits(database, { rules: ["units"], scale: 1 });
  onTestFinished(() => layer.stop());
  process.env.DYNAMODB_ENDPOINT = layer.endpoint;
  const shop = openShop(patientConfig());
  process.env.DYNAMODB_ENDPOINT = database;
  const { rates, stop } = watchUnits(layer.endpoint);
  onTestFinished(stop);
  const details = { sku: "SKU", manufacturer: "Northwind", category_id: 1, weight: 1, some_other_id: 1 };
  let product = 0;
  await expect
    .poll(
      async () => {
        await putProduct(shop, { product_id: ++product, ...details, price: 5 });
        return rates()?.write ?? 0;
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThan(0);
  expect(rates()).toMatchObject({ throttled: 0, conflicts: 0 });
  await layer.stop();
  await expect.poll(rates, { timeout: 30_000 }).toBe(undefined);
});

test("without the layer there is nothing to show", () => {
  expect(watchUnits(undefined).rates()).toBe(undefined);
});
