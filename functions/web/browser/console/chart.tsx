import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import uPlot from "uplot";
import { theme } from "../ui/theme.ts";
import { type Figure, recent } from "./figures.ts";
import { shown } from "./format.ts";
import { type Moment, moments } from "./stream.ts";

/** Seconds that the charts show. */
export const span = signal(120);

export interface Series {
  readonly label: string;
  readonly figure: Figure;
  /** One of the palette, from 1. */
  readonly colour: number;
}

interface Props {
  readonly title: string;
  /** A few words on what to see here. */
  readonly hint: string;
  /** Beside the title. */
  readonly choice?: ComponentChildren;
  readonly series: readonly Series[];
  readonly unit: (value: number) => string;
  /** Drawn one on top of the other. */
  readonly isStacked?: boolean;
}

const HEIGHT = 168;
const MARK_COLOURS = { action: "--link", alarm: "--bad", relief: "--ok", verdict: "--text" } as const;

const variable = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Columns as uPlot takes them: times, then the values of each series, the stacked ones added up from the last. */
const columnsOf = (
  seconds: readonly Moment[],
  series: readonly Series[],
  isStacked: boolean,
): uPlot.AlignedData => {
  const values = series.map(({ figure }) => seconds.map(figure));
  if (isStacked) {
    for (let at = values.length - 2; at >= 0; at--) {
      values[at] = (values[at] ?? []).map((value, n) => (value ?? 0) + (values[at + 1]?.[n] ?? 0));
    }
  }
  return [seconds.map(({ at }) => at / 1_000), ...values];
};

type MarkColours = Readonly<Record<keyof typeof MARK_COLOURS, string>>;

/** Draws a line where something happened. */
const drawMarks = (plot: uPlot, seconds: readonly Moment[], colours: MarkColours): void => {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { at, kind } of seconds.flatMap(({ marks }) => marks)) {
    const x = plot.valToPos(at / 1_000, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = colours[kind];
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
};

/** @param view the seconds on show, from and until */
const optionsFor = (
  { series, unit, isStacked }: Props,
  width: number,
  view: { readonly current: readonly [from: number, until: number] },
): uPlot.Options => {
  const axis = {
    stroke: variable("--muted"),
    grid: { stroke: variable("--grid"), width: 1 },
    ticks: { show: false },
    font: `12px ${variable("--sans")}`,
  };
  const markColours = Object.fromEntries(
    Object.entries(MARK_COLOURS).map(([kind, name]) => [kind, variable(name)]),
  ) as MarkColours;
  return {
    width,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: "console" }, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: () => [...view.current] },
      y: { range: (_plot, _low, high) => [0, high ? high * 1.15 : 1] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        space: 70,
        values: [[1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 0]],
      },
      { ...axis, size: 58, space: 34, values: (_plot, ticks) => ticks.map(unit) },
    ],
    series: [
      {},
      ...series.map(({ label, colour }) => ({
        label,
        stroke: variable(`--series-${colour}`),
        width: 1.6,
        points: { show: false },
        spanGaps: true,
        ...(isStacked && { fill: `${variable(`--series-${colour}`)}66` }),
      })),
    ],
    hooks: { draw: [(plot) => drawMarks(plot, moments.peek(), markColours)] },
  };
};

export const Chart = (props: Props) => {
  const { title, hint, choice, series, unit, isStacked = false } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const shade = theme.value;
  const names = series.map(({ label }) => label).join();
  const seconds = moments.value;
  const view = useRef<readonly [number, number]>([0, 1]);
  const until = (seconds.at(-1)?.at ?? Date.now()) / 1_000;
  const from = until - span.value;

  // Made anew for other colours or series only.
  useEffect(() => {
    const holder = box.current;
    if (!holder) return;
    const made = new uPlot(optionsFor(props, holder.clientWidth, view), [[]], holder);
    plot.current = made;
    const resizing = new ResizeObserver(() => made.setSize({ width: holder.clientWidth, height: HEIGHT }));
    resizing.observe(holder);
    return () => {
      resizing.disconnect();
      made.destroy();
    };
  }, [shade, names]);

  const inView = useMemo(() => seconds.filter(({ at }) => at / 1_000 >= from - 1), [seconds, from]);
  useEffect(() => {
    view.current = [from, until];
    plot.current?.setData(columnsOf(inView, series, isStacked));
  }, [inView, shade, names, isStacked, from, until, series]);

  return (
    <figure class="panel chart">
      <figcaption>
        <b>{title}</b> <span>{hint}</span> {choice}
      </figcaption>
      <div ref={box} class="plot" aria-hidden="true" />
      <ul class="legend">
        {series.map(({ label, figure, colour }) => (
          <li key={label} class={`series-${colour}`}>
            <span>{label}</span> <b>{shown(recent(seconds, figure), unit)}</b>
          </li>
        ))}
      </ul>
    </figure>
  );
};
