import { expect } from "vitest";
import { openShop } from "../../core/open-shop.ts";
import type { Shop } from "../../core/shop.ts";
import { patientConfig } from "../../core/testing/patient-config.ts";

/** Of the test files that have run in this thread, which share this module. */
const shops = new Map<string | undefined, Shop>();

/** The one shop of a test file, on tables of its own, with the settings that the file has made before its first call. */
export const testShop = (): Shop => {
  const { testPath } = expect.getState();
  const shop = shops.get(testPath) ?? openShop(patientConfig());
  shops.set(testPath, shop);
  return shop;
};
