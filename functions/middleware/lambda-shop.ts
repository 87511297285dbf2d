import { openShop } from "../../core/open-shop.ts";
import type { Shop } from "../../core/shop.ts";

let shop: Shop | undefined;

/** The shop of a Lambda function's copy: opened by its first invocation, kept for the next ones. */
export const lambdaShop = (): Shop => {
  shop ??= openShop();
  return shop;
};
