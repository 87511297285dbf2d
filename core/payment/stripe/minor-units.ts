import type { Cents } from "../../money.ts";

/** Currencies that Stripe takes in whole units. Source: https://docs.stripe.com/currencies#zero-decimal */
const WHOLE = new Set("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(" "));
/** In whole units too, but written with two decimals (https://docs.stripe.com/currencies#special-cases). */
const WHOLE_AS_HUNDREDTHS = new Set(["isk", "ugx"]);
/** In thousandths, the last of their digits a zero (https://docs.stripe.com/currencies#three-decimal). */
const THOUSANDTHS = new Set(["bhd", "jod", "kwd", "omr", "tnd"]);

/**
 * An amount of the shop, which counts in hundredths, in the currency's minor units as Stripe takes them.
 *
 * @param currency ISO 4217, in lower case
 * @returns undefined for a fraction of a unit that has none
 */
export const toMinorUnits = (cents: Cents, currency: string): number | undefined => {
  const isWhole = cents % 100 === 0;
  if (WHOLE.has(currency)) return isWhole ? cents / 100 : undefined;
  if (WHOLE_AS_HUNDREDTHS.has(currency)) return isWhole ? cents : undefined;
  return THOUSANDTHS.has(currency) ? cents * 10 : cents;
};

export const fromMinorUnits = (amount: number, currency: string): Cents => {
  if (WHOLE.has(currency)) return amount * 100;
  return THOUSANDTHS.has(currency) ? amount / 10 : amount;
};
