/**
 * Money is integer cents inside the shop and a decimal number with at most two places on the wire.
 * Sums are made of cents: binary fractions would drift (0.1 + 0.2).
 */
export type Cents = number;

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * A decimal amount in cents. A number counts as the shortest decimal that denotes it, which is what
 * `JSON.stringify` writes, so that no amount is rounded: 1.005 and 0.000000001 are refused, not cut.
 *
 * @param amount a number, or the text of one such as `19.99`, `20` or `1.5e3`
 * @returns undefined for what is no decimal number, has more than two places, or is too large to be exact
 */
export const centsOf = (amount: number | string): Cents | undefined => {
  const [, sign, whole = "", fraction = "", exponent = "0"] = DECIMAL.exec(String(amount)) ?? [];
  if (sign === undefined) return undefined;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return 0;
  // The amount in cents is `significant` times ten to the power of `zeros`.
  const zeros = Number(exponent) - fraction.length + (digits.length - significant.length) + 2;
  if (zeros < 0 || significant.length + zeros > MAX_DIGITS) return undefined;
  const cents = Number(`${sign}${significant}${"0".repeat(zeros)}`);
  return Number.isSafeInteger(cents) ? cents : undefined;
};

/** Of the largest integer that a number holds exactly, 9,007,199,254,740,991. */
const MAX_DIGITS = 16;

/** The cents of an amount that {@link centsOf} takes. */
export const toCents = (amount: number): Cents => Math.round(amount * 100);

/** Cents to the decimal number of the wire, e.g. 1999 to 19.99. */
export const fromCents = (cents: Cents): number => cents / 100;
