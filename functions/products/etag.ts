import type { Product } from "../../core/catalog/product.ts";

/** A strong entity tag: a product's version grows with every write. */
export const etagOf = ({ product_id, version }: Product): string => `"${product_id}-${version}"`;

/** Whether If-None-Match names the tag; compared weakly, as RFC 9110 section 13.1.2 asks. */
export const etagMatches = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined &&
  (ifNoneMatch.trim() === "*" ||
    ifNoneMatch.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === etag));
