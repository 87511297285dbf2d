// cspell:ignore Segoe Noto Palatino Cascadia Consolas
/**
 * The report's colours, light and dark. Series take Okabe and Ito's hues (Color Universal Design, 2008), which
 * readers of every colour vision can tell apart, darkened on light and lightened on dark where they would be too
 * faint; symbols, dashes, hatching and words say the same once more.
 */
export const PALETTE = {
  page: ["#f7f6f3", "#101318"],
  panel: ["#ffffff", "#181c23"],
  text: ["#1d2129", "#e6e8ec"],
  muted: ["#5b6270", "#9aa3b2"],
  line: ["#e2e0da", "#2b313c"],
  grid: ["#ecebe6", "#262c36"],
  link: ["#00629b", "#6cbcf0"],
  ok: ["#00694a", "#3fcf9f"],
  "ok-soft": ["#e3f4ec", "#12291f"],
  bad: ["#a83d00", "#ff9a5c"],
  "bad-soft": ["#fdebe0", "#33200f"],
  warn: ["#7a5200", "#f0c04d"],
  "warn-soft": ["#fdf4dc", "#2d2510"],
  "series-1": ["#0072b2", "#56b4e9"],
  "series-2": ["#d55e00", "#f2853f"],
  "series-3": ["#009e73", "#0aa67b"],
  "series-4": ["#b8568f", "#f0b4d6"],
  "series-5": ["#7d5600", "#f0d860"],
  "series-6": ["#23272e", "#7a8291"],
  "series-1-text": ["#00629b", "#6cbcf0"],
  "series-2-text": ["#a84a00", "#f59458"],
  "series-3-text": ["#006e50", "#3fcf9f"],
  "series-4-text": ["#9c3f76", "#e8abce"],
  "series-5-text": ["#7d5600", "#f0d860"],
  "series-6-text": ["#23272e", "#aab1bd"],
  calm: ["#a6dcc8", "#1d5c48"],
  between: ["#f3cf7a", "#7a5c12"],
  alarm: ["#d55e00", "#f2853f"],
  other: ["#c9ccd2", "#444b57"],
  "on-calm": ["#003d2b", "#d5f5ea"],
  "on-between": ["#4a3200", "#fff1cc"],
  "on-alarm": ["#000000", "#000000"],
  "on-other": ["#1d2129", "#e6e8ec"],
} as const satisfies Readonly<Record<string, readonly [light: string, dark: string]>>;

/** Type and shape, as of the storefront and the console. */
export const LOOK = {
  radius: "14px",
  sans: 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  serif: '"Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", Georgia, serif',
  mono: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
} as const;

export type Colour = keyof typeof PALETTE;

export const colour = (name: Colour): string => `var(--${name})`;

const SERIES = 6;

/** The n-th series's colour, from 0; after the last, the first again. */
export const seriesColour = (n: number): string => `var(--series-${(n % SERIES) + 1})`;

export const seriesTextColour = (n: number): string => `var(--series-${(n % SERIES) + 1}-text)`;

/** Palette and look as custom properties; the colours follow `color-scheme`. */
export const paletteCss = (): string => {
  const properties = Object.entries(PALETTE).map(
    ([name, [light, dark]]) => `--${name}:light-dark(${light},${dark})`,
  );
  const look = Object.entries(LOOK).map(([name, value]) => `--${name}:${value}`);
  return `:root{${[...properties, ...look].join(";")}}\n`;
};
