import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contrast, seenAs, VISIONS } from "./fixture/colours.ts";
import { type Colour, LOOK, PALETTE, paletteCss } from "./palette.ts";

const THEMES = [
  { theme: "light", i: 0 },
  { theme: "dark", i: 1 },
] as const;

describe.each(THEMES)("$theme", ({ i }) => {
  const hex = (name: Colour): string => PALETTE[name][i];
  const series = [1, 2, 3, 4, 5, 6] as const;

  test("texts can be read wherever they stand", () => {
    const onBoth = [
      "text",
      "muted",
      "link",
      "ok",
      "bad",
      "warn",
      ...series.map((n) => `series-${n}-text` as const),
    ] as const;
    const pairs: (readonly [Colour, Colour])[] = [
      ...onBoth.flatMap((text) => [[text, "page"] as const, [text, "panel"] as const]),
      ...(["ok", "bad", "warn"] as const).flatMap((name) => [
        [name, `${name}-soft`] as const,
        ["text", `${name}-soft`] as const,
      ]),
      ...(["calm", "between", "alarm", "other"] as const).map((state) => [`on-${state}`, state] as const),
      ["text", "line"],
    ];
    const faint = pairs.filter(([text, ground]) => contrast(hex(text), hex(ground)) < 4.5);
    expect(faint).toEqual([]);
  });

  test("marks stand out from the ground (WCAG 2.2, 1.4.11)", () => {
    for (const n of series) expect(contrast(hex(`series-${n}`), hex("panel"))).toBeGreaterThanOrEqual(3);
  });

  test.each(Object.keys(VISIONS))("series differ for %s vision", (vision) => {
    for (const one of series) {
      for (const other of series.filter((n) => n > one)) {
        const [a, b] = [seenAs(vision, hex(`series-${one}`)), seenAs(vision, hex(`series-${other}`))];
        // Five times what a trained eye can just tell apart (2.3).
        expect(Math.hypot(...a.map((value, k) => value - (b[k] ?? 0)))).toBeGreaterThan(11.5);
      }
    }
  });
});

test("the page's style has every colour twice", () => {
  expect(paletteCss()).toContain(`--text:light-dark(${PALETTE.text[0]},${PALETTE.text[1]})`);
  expect(paletteCss().match(/light-dark\(/g)).toHaveLength(Object.keys(PALETTE).length);
});

test("the storefront and the console look alike", () => {
  const theme = readFileSync(join(import.meta.dirname, "../../functions/web/browser/ui/theme.css"), "utf8");
  for (const [name, value] of Object.entries(LOOK)) expect(theme).toContain(`--${name}: ${value};`);
  const shared = Object.entries(PALETTE).filter(([name]) => theme.includes(`--${name}:`));
  expect(shared.length).toBeGreaterThan(15);
  for (const [name, [light, dark]] of shared)
    expect(theme).toContain(`--${name}: light-dark(${light}, ${dark});`);
});
