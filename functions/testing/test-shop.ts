import type { Shop } from "../../core/shop.ts";
import { openShop } from "../../core/testing/open-shop.ts";
import { patientConfig } from "../../core/testing/patient-config.ts";

/** Of the test files that have run in this thread, which share this module, by the prefix of their tables. */
const shops = new Map<string | undefined, Shop>();

/** The one shop of a test file, on tables of its own, with the settings that the file has made before its first call. */
export const testShop = (): Shop => {
  const { TABLE_PREFIX } = process.env;
  const shop = shops.get(TABLE_PREFIX) ?? openShop(patientConfig());
  shops.set(TABLE_PREFIX, shop);
  return shop;
};
