import { theme } from "../../ui/theme.ts";
import { AWAY } from "./away.ts";
import { HOME } from "./home.ts";
import { o, r, type Shape } from "./shapes.ts";

const THINGS = Object.entries({ ...HOME, ...AWAY });

/** Main, dark and light colour of what a thing is made of. */
const MATERIALS: Readonly<Record<string, readonly [main: string, dark: string, light: string]>> = {
  oak: ["#b98552", "#7c5430", "#e0bd92"],
  steel: ["#7f95a8", "#4a5c6c", "#c3d0da"],
  linen: ["#cdb98a", "#8d7a4c", "#efe4c6"],
  wool: ["#c4705f", "#84402f", "#ecb9ab"],
  ceramic: ["#5b8fb9", "#2f5c82", "#f1efe9"],
  leather: ["#94603c", "#5c3720", "#cf9d78"],
  bamboo: ["#93a552", "#5d6c2a", "#d3dea0"],
  cotton: ["#d98b9a", "#96495a", "#f8d9de"],
  glass: ["#6fb9ae", "#377a70", "#c8ebe5"],
  aluminium: ["#9aa1ad", "#5f6673", "#dfe3e8"],
};
const PALETTES = Object.values(MATERIALS);

const FALLBACK: readonly Shape[] = [
  ["m", "M18 36 50 20l32 16v36L50 88 18 72Z"],
  ["l", "M18 36 50 20l32 16-32 16Z"],
  ["d", "M50 52v36l32-16V36Z"],
  ["l", "M32 28l32 16v10l6-3V41L38 25Z"],
];

const PATTERNS: Readonly<Record<string, string>> = {
  striped: "M-10 30 30-10M-10 70 70-10M10 90 90 10M30 110 110 30M70 110 110 70",
  quiet: "M0 84h100",
  waterproof: "M12 20v6M30 8v6M70 12v6M88 28v6M10 60v6M90 64v6",
  modern: `${r(8, 8, 18, 18)}${r(74, 74, 18, 18)}`,
  classic: o(50, 50, 44),
  compact: `${o(50, 50, 44)}${o(50, 50, 38)}`,
  folding: "M0 50 50 0l50 50-50 50Z",
  "heavy-duty": "M0 92h100M0 97h100",
  lightweight: "M8 24c8-8 16 8 24 0M68 16c8-8 16 8 24 0M4 74c8-8 16 8 24 0",
  portable: "M6 94 94 6",
};

/** The same number for the same words (FNV-1a, 32 bits). */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
};

interface Pictured {
  readonly name: string;
  readonly category: string;
}

/** Draws a product by the words of its name: what it is, what it is made of, and what kind it is. */
export const Picture = ({ product: { name, category } }: { readonly product: Pictured }) => {
  const words = name.toLowerCase();
  const number = hashOf(words);
  const [, shapes = FALLBACK] = THINGS.find(([thing]) => words.includes(thing)) ?? [];
  const material = Object.keys(MATERIALS).find((known) => words.includes(known));
  const palette = (material && MATERIALS[material]) || PALETTES[number % PALETTES.length];
  const [main = "", dark = "", light = ""] = palette ?? [];
  const colours = { m: main, d: dark, l: light };
  const pattern = Object.entries(PATTERNS).find(([trait]) => words.includes(trait))?.[1];
  const hue = hashOf(category) % 360;
  const [ground, line] =
    theme.value === "dark"
      ? [`hsl(${hue} 18% 19%)`, `hsl(${hue} 20% 27%)`]
      : [`hsl(${hue} 36% 92%)`, `hsl(${hue} 34% 84%)`];
  return (
    <svg viewBox="0 0 100 100" class="picture" aria-hidden="true">
      <rect width="100" height="100" fill={ground} />
      {pattern && <path d={pattern} fill="none" stroke={line} stroke-width="2.5" />}
      <ellipse cx="50" cy="89" rx="34" ry="3.5" fill={`hsl(${hue} 20% 10% / 0.2)`} />
      {shapes.map(([colour, path, stroke]) => (
        <path
          key={path}
          d={path}
          fill={stroke ? "none" : colours[colour]}
          stroke={stroke ? colours[colour] : "none"}
          stroke-width={stroke ?? 0}
          stroke-linecap="round"
          stroke-linejoin="round"
        />
      ))}
    </svg>
  );
};
