/** A request that must be refused: what is wrong with it, the status, and the field the answer must name. */
export interface BadRequest {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly names?: string;
}

/** The product, the cart's user and the line that every case works on; all of them exist. */
export const PRODUCT = 7_001;
export const USER = "alice";
/** A product that exists but is in no cart, and one that does not exist. */
export const OTHER_PRODUCT = 7_002;
export const NO_PRODUCT = 7_999;

export const JSON_TYPE = { "content-type": "application/json" };

/** The body of `POST /products/{productId}/details`, with changes. */
export const details = (changes: object = {}): string =>
  JSON.stringify({
    product_id: PRODUCT,
    sku: "SKU",
    manufacturer: "Northwind",
    category_id: 1,
    weight: 1,
    some_other_id: 1,
    ...changes,
  });
