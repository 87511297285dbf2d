/** How series and states look apart from their colour, so that no reader depends on it. */
import type { Colour } from "../palette.ts";

const SYMBOLS = ["circle", "square", "triangle", "diamond", "cross", "star"] as const;
const DASHES = [undefined, "7 3", "2 3", "9 3 2 3", "4 2", "1 2"] as const;

export interface SeriesLook {
  readonly symbol: (typeof SYMBOLS)[number];
  readonly dash: string | undefined;
}

/** Of the n-th series, from 0. When the colours begin again, they meet other symbols and dashes. */
export const lookOf = (n: number): SeriesLook => {
  const i = (n + Math.floor(n / SYMBOLS.length)) % SYMBOLS.length;
  return { symbol: SYMBOLS[i] ?? "circle", dash: DASHES[i] };
};

export interface StateLook {
  readonly fill: Extract<Colour, "calm" | "between" | "alarm" | "other">;
  readonly text: Colour;
  readonly isHatched: boolean;
}

const LOOKS: readonly (readonly [RegExp, StateLook])[] = [
  [/^(closed|up|on|ok|healthy|running)$/i, { fill: "calm", text: "on-calm", isHatched: false }],
  [/^(half[_ -]?open|degraded|slow|starting)$/i, { fill: "between", text: "on-between", isHatched: true }],
  [/^(open|down|off|failed|killed|unhealthy)$/i, { fill: "alarm", text: "on-alarm", isHatched: false }],
];

const OTHER: StateLook = { fill: "other", text: "on-other", isHatched: false };

export const stateLook = (state: string): StateLook =>
  LOOKS.find(([states]) => states.test(state))?.[1] ?? OTHER;

/** A state as a word: `half_open` is `half-open`. */
export const stateName = (state: string): string => state.replaceAll("_", "-");
