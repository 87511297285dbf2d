import { readProductItems } from "../../../core/catalog/catalog.ts";
import type { ProductDetails, ProductItem } from "../../../core/catalog/product.ts";
import type { Shop } from "../../../core/shop.ts";
import { derivedSku } from "./derived-sku.ts";
import { nextStableNumber } from "./stable-number.ts";

/** A product to write. */
export interface Placeable {
  readonly details: ProductDetails;
  /** Whether `details` has its number; else only the first choice of one. */
  readonly isNumbered: boolean;
  /** The variant it is, if it is one. */
  readonly origin?: { readonly handle: string; readonly options: readonly string[] };
}

export type Placed<T extends Placeable> = T & { readonly stored: ProductItem | undefined };

/**
 * Finds each product in the shop. One that has only a first choice of a number moves on to the next while
 * that is taken, by an import or by another product of the shop.
 *
 * @param taken the numbers of all imported products, which grows by those given now
 */
export const placeProducts = async <T extends Placeable>(
  shop: Shop,
  products: readonly T[],
  taken: Set<number>,
): Promise<Placed<T>[]> => {
  const asked = new Set(products.map(({ details }) => details.product_id));
  const stored = await readProductItems(shop, [...asked]);

  const lookUp = async (id: number): Promise<ProductItem | undefined> => {
    if (!asked.has(id)) {
      asked.add(id);
      const item = (await readProductItems(shop, [id])).get(id);
      if (item) stored.set(id, item);
    }
    return stored.get(id);
  };

  const placed: Placed<T>[] = [];
  for (const product of products) {
    let id = product.details.product_id;
    if (!product.isNumbered) {
      while (taken.has(id) || isAnother(product, await lookUp(id))) id = nextStableNumber(id);
    }
    taken.add(id);
    const details = { ...product.details, product_id: id };
    placed.push({ ...product, details, stored: stored.get(id) });
  }
  return placed;
};

/**
 * Whether the product in the shop is not this one, of which there is no record. Versions before 26 November
 * 2026 kept none: what they imported has the SKU, the title, or the SKU that was made up for it.
 */
const isAnother = ({ details, origin }: Placeable, stored: ProductItem | undefined): boolean =>
  stored !== undefined &&
  stored.name !== details.name &&
  stored.sku !== details.sku &&
  (!origin || stored.sku !== derivedSku(origin.handle, origin.options));
