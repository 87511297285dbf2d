/** A strong entity tag: a product's version grows with every write. */
export const etagOf = (productId: number, version: number): string => `"${productId}-${version}"`;

/** Whether If-None-Match names the tag; compared weakly, as RFC 9110 section 13.1.2 asks. */
export const etagMatches = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined &&
  (ifNoneMatch.trim() === "*" ||
    ifNoneMatch.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === etag));
