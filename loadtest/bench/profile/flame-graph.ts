import { html, Markup } from "../../report/markup.ts";
import type { Frame } from "./cpu-profile.ts";

const ROW = 19;
/** Narrower ones could not be seen. */
const LEAST_SHARE = 0.0005;

const STYLE = new Markup(`
body { font: 13px system-ui, sans-serif; margin: 16px; background: #fff; color: #222 }
main { position: relative; overflow: hidden }
button { position: absolute; height: ${ROW - 1}px; padding: 0 3px; border: 0; border-right: 1px solid #fff; overflow: hidden;
  font: 11px system-ui, sans-serif; text-align: left; white-space: nowrap; cursor: pointer; color: #222 }
.own { background: #f4a259 } .library { background: #8cb4e0 } .runtime { background: #d5d5d5 }
button:focus-visible { outline: 2px solid #222 }`);

/** Scales the graph to the frame that was clicked; the root shows all of it again. */
const SCRIPT = new Markup(`
const frames = [...document.querySelectorAll("main button")];
document.querySelector("main").addEventListener("click", ({ target }) => {
  if (!target.dataset.x) return;
  const [from, width] = [Number(target.dataset.x), Number(target.dataset.w)];
  for (const frame of frames) {
    const [x, w] = [Number(frame.dataset.x), Number(frame.dataset.w)];
    frame.hidden = x >= from + width - 1e-9 || x + w <= from + 1e-9;
    const left = Math.max(x, from), right = Math.min(x + w, from + width);
    frame.style.left = 100 * (left - from) / width + "%";
    frame.style.width = 100 * (right - left) / width + "%";
  }
});`);

/** A page of its own: callers above what they call, as wide as their share of the samples. */
export const flameGraph = (title: string, root: Frame): string => {
  let deepest = 0;
  const boxes: Markup[] = [];
  const draw = (frame: Frame, x: number, depth: number): void => {
    const { name, place, total, self, calls } = frame;
    const width = total / root.total;
    if (width < LEAST_SHARE) return;
    deepest = Math.max(deepest, depth);
    const tip = `${name} ${place}\n${percent(width)} of the samples, ${percent(self / root.total)} in itself`;
    const style = `top:${depth * ROW}px;left:${100 * x}%;width:${100 * width}%`;
    boxes.push(
      html`<button class="${kindOf(place)}" data-x="${x}" data-w="${width}" style="${style}" title="${tip}">${name}</button>`,
    );
    let at = x;
    for (const call of calls) {
      draw(call, at, depth + 1);
      at += call.total / root.total;
    }
  };
  if (root.total > 0) draw(root, 0, 0);
  return `<!doctype html>${html`<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style></head>
<body><h1>${title}</h1>
<p>${root.total} samples. Orange: the shop; blue: packages; grey: the runtime. Click a frame to enlarge it, the top one to see all.</p>
<main style="height:${(deepest + 1) * ROW}px">${boxes}</main><script>${SCRIPT}</script></body></html>`}\n`;
};

const kindOf = (place: string): string =>
  place === "" ? "runtime" : /^(core|functions|loadtest)\//.test(place) ? "own" : "library";

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
