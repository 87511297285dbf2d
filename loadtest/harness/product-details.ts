/** A complete body for `POST /products/{id}/details`. */
export const detailsOf = (product_id: number, fields: Record<string, unknown> = {}) => ({
  product_id,
  sku: `SKU-${product_id}`,
  manufacturer: "Northwind",
  category_id: 1,
  weight: 100,
  some_other_id: 1,
  ...fields,
});
