/**
 * Money is integer cents inside the shop and a decimal number with at most two places on the wire.
 * Sums are made of cents: binary fractions would drift (0.1 + 0.2).
 */
export type Cents = number;

const TOLERANCE = 1e-6;

/** Whether a decimal amount has at most two places, allowing for its binary representation. */
export const hasAtMostTwoDecimals = (amount: number): boolean =>
  Math.abs(amount * 100 - Math.round(amount * 100)) < TOLERANCE * Math.max(1, Math.abs(amount));

/** Decimal amount to cents; call it only on amounts that passed {@link hasAtMostTwoDecimals}. */
export const toCents = (amount: number): Cents => Math.round(amount * 100);

/** Cents to the decimal number of the wire, e.g. 1999 to 19.99. */
export const fromCents = (cents: Cents): number => cents / 100;
