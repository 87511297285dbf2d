import { createHash } from "node:crypto";
import { INT32_MAX } from "../../../core/catalog/product.ts";

/** Well above the generated catalogue, which ends at 10,000,000 at most. */
export const FIRST_STABLE_NUMBER = 1_000_000_000;

const COUNT = INT32_MAX - FIRST_STABLE_NUMBER + 1;

/**
 * A number from {@link FIRST_STABLE_NUMBER} to the largest int32 for a text that has none: the same for the
 * same text in every run. Two texts meet on one number with a chance of 1 in 1.1 thousand million.
 *
 * @param kind what is numbered; kinds have nothing to do with one another
 */
export const stableNumber = (kind: string, text: string): number => {
  const hash = createHash("sha256").update(`${kind}\0${text}`).digest();
  return FIRST_STABLE_NUMBER + (hash.readUIntBE(0, 6) % COUNT);
};

/** The number to try when one is taken. */
export const nextStableNumber = (number: number): number =>
  number === INT32_MAX ? FIRST_STABLE_NUMBER : number + 1;
