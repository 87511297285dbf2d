import type { Findings } from "../../experiments/lab.ts";
import { figure, measure } from "../../experiments/lab-figures.ts";
import { lineChart, pointOf } from "../../experiments/plots.ts";
import { capital } from "../../report/format.ts";
import { median } from "../../report/statistics.ts";
import type { FaultLog } from "./fault-log.ts";

export interface GrowthStage {
  /** For what the part keeps on disk; removed with everything in it at the end. */
  readonly dir: string;
  readonly rounds: number;
  /** Whether the largest sizes are left out. */
  readonly isQuick: boolean;
  /** For each measured stretch. */
  readonly faults: FaultLog;
}

/** The result of a part of the benchmark. */
export type PartFindings = Pick<Findings, "summary" | "measures" | "charts" | "tables"> & {
  readonly notes: readonly string[];
};

export type Part = (stage: GrowthStage) => Promise<PartFindings>;

/** A quantity at several sizes. */
export interface Curve {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly better: "lower" | "higher";
  /** Curves with the same chart are drawn together, those without one not at all. */
  readonly chart?: string;
}

/** Samples of each curve by size. */
export type Samples = ReadonlyMap<number, Readonly<Record<string, readonly number[]>>>;

export interface Description {
  /** The part's name, as in `growth.NAME`. */
  readonly name: string;
  readonly title: string;
  /** What grows. */
  readonly size: string;
  readonly curves: readonly Curve[];
  /** Answers that a reader takes away first. @param at median of a curve at a size */
  readonly summarize: (
    at: (size: number, id: string) => number,
    sizes: { readonly least: number; readonly most: number },
  ) => Findings["summary"];
  readonly notes?: readonly string[];
}

/** A table, a chart for each unit, and measures of what was sampled at each size. */
export const describe = (
  { name, title, size, curves, summarize, notes = [] }: Description,
  samples: Samples,
): PartFindings => {
  const of = (at: number, id: string) => samples.get(at)?.[id] ?? [];
  const sizes = [...samples.keys()];
  const chartNames = [...new Set(curves.flatMap(({ chart }) => chart ?? []))];
  const at = (size: number, id: string) => median(of(size, id));
  return {
    notes,
    summary: summarize(at, { least: sizes[0] ?? Number.NaN, most: sizes.at(-1) ?? Number.NaN }),
    tables: [
      {
        title,
        columns: [size, ...curves.map(({ label, unit }) => `${label} (${unit})`)],
        rows: sizes.map((size) => [size, ...curves.map(({ id }) => figure(at(size, id)))]),
      },
    ],
    charts: chartNames.map((chart) => {
      const own = curves.filter((curve) => curve.chart === chart);
      return lineChart({
        id: `growth.${name}.${chart}`,
        title: `${title}: ${chart}`,
        caption: `${capital(own.map(({ label }) => label).join(", "))}.`,
        x: { label: size, scale: "log" },
        y: { label: own[0]?.unit ?? "" },
        series: Object.fromEntries(
          own.map(({ id, label }) => [label, sizes.map((at) => pointOf(at, of(at, id)))]),
        ),
      });
    }),
    measures: sizes.flatMap((at) =>
      curves.flatMap(({ id, label, unit, better }) =>
        measure(`${name}.${at}.${id}`, `${label}, ${figure(at)} ${size}`, unit, better, of(at, id)),
      ),
    ),
  };
};

/** Runs a measurement several times, and collects each of its figures. */
export const repeated = async <K extends string>(
  rounds: number,
  measureOnce: (round: number) => Promise<Readonly<Record<K, number>>>,
): Promise<Record<K, number[]>> => {
  const collected = {} as Record<K, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const [name, value] of Object.entries(await measureOnce(round)) as [K, number][]) {
      (collected[name] ??= []).push(value);
    }
  }
  return collected;
};
