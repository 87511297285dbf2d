/** Figures as people read them. */
import type { Interval } from "./statistics.ts";

const SMALL = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
/** Keeps a figure and its unit on one line. */
const NO_BREAK = "\u00a0";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Three significant digits, or whole from 1000 up: `5.5×10⁻⁷`, `0.0123`, `4.57`, `12,345`. */
export const figure = (value: number): string => {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "–";
  if (value !== 0 && Math.abs(value) < 1e-4) return tiny(value);
  return (Math.abs(value) >= 1000 ? WHOLE : SMALL).format(value).replace("-", "−");
};

const tiny = (value: number): string => {
  const [digits = "", exponent = ""] = value.toExponential(2).split("e-");
  const raised = exponent.replaceAll(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? "");
  return `${SMALL.format(Number(digits)).replace("-", "−")}×10⁻${raised}`;
};

export const withUnit = (value: number, unit: string): string =>
  unit === "" ? figure(value) : `${figure(value)}${NO_BREAK}${unit}`;

/** `4.1–5.3`, or a dash where there is no interval. */
export const range = (interval: Interval | undefined): string =>
  interval ? `${figure(interval.low)}–${figure(interval.high)}` : "–";

/** A ratio as a factor: `×0.88`, `×12.3`. */
export const factor = (ratio: number): string => `×${twoPlaces(ratio)}`;

/** `×1.02–1.15`, or a dash where there is no interval. */
export const factorRange = (interval: Interval | undefined): string =>
  interval ? `×${twoPlaces(interval.low)}–${twoPlaces(interval.high)}` : "–";

const twoPlaces = (ratio: number): string => (ratio >= 0.1 && ratio < 10 ? ratio.toFixed(2) : figure(ratio));

/** `48 s`, `4 min 12 s`. */
export const duration = (seconds: number): string => {
  const whole = Math.round(seconds);
  return whole < 60
    ? `${whole}${NO_BREAK}s`
    : `${Math.floor(whole / 60)}${NO_BREAK}min ${whole % 60}${NO_BREAK}s`;
};

/** `2026-11-23 14:05 UTC` */
export const moment = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

/** An experiment's name as a heading: `Cache`. */
export const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** `1 check`, `3 checks` */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
