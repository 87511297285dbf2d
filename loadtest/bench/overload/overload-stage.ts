import { type ShopProgram, startDefaultShop, untilOk } from "../speed/speed-programs.ts";

export const PRODUCTS = 100_000;

export interface OverloadStage {
  /** Where the shop keeps its data; made at the first start. */
  readonly dir: string;
  /** Of each measured stretch, where it is not the measurement's own. */
  readonly seconds?: number;
}

/** Runs the shop at its defaults for as long as the work takes. */
export const withShop = async <T>(
  dir: string,
  work: (shop: ShopProgram, products: number) => Promise<T>,
): Promise<T> => {
  const shop = await startDefaultShop(dir);
  try {
    await untilOk(shop.url, "/products/search?q=lamp");
    return await work(shop, PRODUCTS);
  } finally {
    await shop.stop();
  }
};
