/** Domains and ticks of axes. */
import { scale } from "@observablehq/plot";
import { figure } from "../format.ts";
import { textWidth } from "./svg.ts";

export type AxisScale = "linear" | "log";

/** From which value to which an axis goes: from 0, and a little beyond the greatest, or decades' parts. */
export const domainOf = (values: readonly number[], kind: AxisScale): [number, number] => {
  const usable = kind === "log" ? values.filter((value) => value > 0) : values;
  const least = Math.min(...usable);
  const greatest = Math.max(...usable);
  if (!Number.isFinite(least)) return kind === "log" ? [1, 10] : [0, 1];
  if (kind === "log") {
    const low = stepBelow(least);
    // Just below a step, both ends would be that step.
    return [low, stepAbove(Math.max(low, greatest))];
  }
  if (least === 0 && greatest === 0) return [0, 1];
  return [Math.min(0, least * 1.05), Math.max(0, greatest * 1.05)];
};

const STEPS = [1, 2, 5, 10];

const stepBelow = (value: number): number => {
  const decade = 10 ** Math.floor(Math.log10(value));
  return decade * (STEPS.findLast((step) => step * decade <= value * (1 + 1e-9)) ?? 1);
};

const stepAbove = (value: number): number => {
  const decade = 10 ** Math.floor(Math.log10(value));
  return decade * (STEPS.find((step) => step * decade > value) ?? 10);
};

/** Ticks of a logarithmic axis: 1, 2 and 5 of each decade, or the decades alone where there are many. */
export const logTicks = ([low, high]: readonly [number, number]): number[] => {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const steps = last - first > 3 ? [1] : [1, 2, 5];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => first + i).flatMap((exponent) =>
    steps.map((step) => Number(`${step}e${exponent}`)),
  );
  return ticks.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
};

/** `950`, `1,200`, `12k`, `3.4M` */
export const tickText = (value: number): string => {
  const size = Math.abs(value);
  if (size >= 1e6) return `${figure(value / 1e6)}M`;
  return size >= 1e4 ? `${figure(value / 1e3)}k` : figure(value);
};

/**
 * Ticks at the measured values where these are few and their texts have room, since a load of 250 users was
 * measured and one of 200 wasn't; undefined where the axis should choose.
 */
export const measuredTicks = (
  values: readonly number[],
  pixelOf: (value: number) => number,
): number[] | undefined => {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (distinct.length > 12) return undefined;
  const ticks = spaced(distinct, pixelOf);
  return ticks.length >= Math.min(4, distinct.length) ? ticks : undefined;
};

/** Ticks without those whose texts would touch a neighbour's; the last stays, for it says how far it went. */
export const spaced = (ticks: readonly number[], pixelOf: (value: number) => number): number[] => {
  const spanOf = (tick: number) => {
    const half = textWidth(tickText(tick)) / 2 + 5;
    return { from: pixelOf(tick) - half, to: pixelOf(tick) + half };
  };
  const last = ticks.at(-1);
  const limit = last === undefined ? 0 : spanOf(last).from;
  let end = Number.NEGATIVE_INFINITY;
  return ticks.filter((tick) => {
    const { from, to } = spanOf(tick);
    if (tick !== last && (from < end || to > limit)) return false;
    end = to;
    return true;
  });
};

export interface PixelScale {
  apply(value: number): number;
  invert(pixel: number): number;
}

/** From values to pixels and back. */
export const pixelScale = (
  kind: AxisScale,
  domain: readonly [number, number],
  range: readonly [number, number],
): PixelScale => {
  const { apply, invert } = scale({ x: { type: kind, domain: [...domain], range: [...range] } }) ?? {};
  if (!apply || !invert) throw new TypeError(`No ${kind} scale`);
  return { apply: (value) => apply(value), invert: (pixel) => invert(pixel) };
};
