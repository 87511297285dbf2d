import { useAsked } from "../ui/asked.ts";
import { answerOf, shop } from "../ui/shop.ts";
import type { Product } from "./cart.ts";

/** Products of a cart's or an order's lines, which know them by number alone; one that fails to load is left out. */
const readProducts = async (ids: readonly number[], signal: AbortSignal): Promise<Map<number, Product>> => {
  const found = await Promise.all(
    ids.map((productId) =>
      answerOf(shop.GET("/products/{productId}", { params: { path: { productId } }, signal })).catch(
        () => undefined,
      ),
    ),
  );
  return new Map(found.flatMap((product) => (product ? [[product.product_id, product]] : [])));
};

/** @returns the product of each line by its number; undefined until they are there */
export const useProductsOf = (
  lines: readonly { readonly product_id: number }[],
): ReadonlyMap<number, Product> | undefined => {
  const ids = lines.map(({ product_id }) => product_id);
  return useAsked(ids.join(), (signal) => readProducts(ids, signal)).data;
};

/** Its number stands in for a name that it does not have, or that is not loaded yet. */
export const nameOf = (productId: number, product: Product | undefined): string =>
  product?.name || `Product ${productId}`;
