import { getCurrentProducts } from "../../../core/catalog/catalog.ts";
import type { Product } from "../../../core/catalog/product.ts";
import type { Shop } from "../../../core/shop.ts";
import type { ProductRow } from "./row.ts";
import { nextStableNumber } from "./stable-number.ts";

/** A row that knows its product number for good, with the product the shop has under it. */
export interface PlacedRow extends ProductRow {
  readonly stored: Product | undefined;
}

/**
 * Finds each row's product in the shop. A row that names its number stays there. One that has only a first
 * choice moves on to the next number while that is another product's, in this file or in the shop; as no
 * product is ever taken out of the shop, the next run comes the same way to the same number.
 *
 * @param taken the numbers given to earlier rows of the file, which grows by those given now
 */
export const placeRows = async (
  shop: Shop,
  rows: readonly ProductRow[],
  taken: Set<number>,
): Promise<PlacedRow[]> => {
  const asked = new Set(rows.map(({ details }) => details.product_id));
  const stored = await getCurrentProducts(shop, [...asked]);

  const lookUp = async (id: number): Promise<Product | undefined> => {
    if (!asked.has(id)) {
      asked.add(id);
      const found = await getCurrentProducts(shop, [id]);
      for (const product of found.values()) stored.set(id, product);
    }
    return stored.get(id);
  };

  const placed: PlacedRow[] = [];
  for (const row of rows) {
    let id = row.details.product_id;
    if (!row.isNumbered) {
      while (taken.has(id) || isAnother(row, await lookUp(id))) id = nextStableNumber(id);
    }
    taken.add(id);
    placed.push({ ...row, details: { ...row.details, product_id: id }, stored: stored.get(id) });
  }
  return placed;
};

/** A merchant may give a variant another SKU or another title; who has changed both is somebody else. */
const isAnother = ({ details }: ProductRow, stored: Product | undefined): boolean =>
  stored !== undefined && stored.sku !== details.sku && stored.name !== details.name;
