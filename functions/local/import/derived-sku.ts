import { createHash } from "node:crypto";

const MAX_LENGTH = 100;
const DIGEST_LENGTH = 8;

/**
 * The SKU of a variant to which the merchant gave none: its handle and options, `classic-varsity-top/Small`,
 * the same in every run and different for every variant. At most 100 characters; where it would be longer,
 * the end gives way to a digest of the whole.
 */
export const derivedSku = (handle: string, options: readonly string[]): string => {
  // Escaped, so that the options S/M, L and S, M/L do not end in one SKU.
  const escaped = options.map((option) => option.replace(/[%/]/g, (sign) => encodeURIComponent(sign)));
  const sku = [handle, ...escaped].join("/");
  if (sku.length <= MAX_LENGTH) return sku;
  const digest = createHash("sha256").update(sku).digest("hex").slice(0, DIGEST_LENGTH);
  // Cutting may halve a character that takes two code units.
  return `${sku.slice(0, MAX_LENGTH - DIGEST_LENGTH - 1).toWellFormed()}~${digest}`;
};
