/** A part of a drawing: its colour (main, dark, light), its path, and the width of its stroke where it is no area. */
export type Shape = readonly [colour: "m" | "d" | "l", path: string, stroke?: number];

/** The path of a circle. */
export const o = (x: number, y: number, r: number): string =>
  `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;

/** The path of a rectangle with round corners. */
export const r = (x: number, y: number, width: number, height: number, corner = 0): string => {
  const [w, h, c] = [width - 2 * corner, height - 2 * corner, corner];
  const arc = (dx: number, dy: number): string => (c === 0 ? "" : `a${c} ${c} 0 0 1 ${dx} ${dy}`);
  return `M${x + c} ${y}h${w}${arc(c, c)}v${h}${arc(-c, c)}h${-w}${arc(-c, -c)}v${-h}${arc(c, -c)}Z`;
};
