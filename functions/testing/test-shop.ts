import { openShop } from "../../core/open-shop.ts";
import type { Shop } from "../../core/shop.ts";
import { patientConfig } from "../../core/testing/patient-config.ts";

let shop: Shop | undefined;

/** The one shop of a test file, on tables of its own. */
export const testShop = (): Shop => {
  shop ??= openShop(patientConfig());
  return shop;
};
