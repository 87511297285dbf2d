/**
 * An experiment's result for the report: data only, so that a report can be made again from `result.json`.
 */
import { z } from "zod";

const finite = z.number();

/** One quantity measured several times, so that two runs can be compared with regard to their noise. */
const measureSchema = z.object({
  /** Stable over runs, e.g. `cache.tiered.p95`. */
  id: z.string(),
  label: z.string(),
  unit: z.string(),
  better: z.enum(["higher", "lower", "neither"]),
  /** One value a repeat. */
  samples: z.array(finite).min(1),
});

const pointSchema = z.object({
  x: z.union([finite, z.string()]),
  /** Null where nothing was measured, e.g. the p99 of a second without an answer. */
  y: finite.nullable(),
  /** The interval around `y`, where it is a median of repeats. */
  low: finite.optional(),
  high: finite.optional(),
});

const chartSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** The sentence that says what to see in it. */
  caption: z.string(),
  kind: z.enum(["line", "bar"]),
  x: z.object({ label: z.string(), scale: z.enum(["linear", "log", "category"]).default("linear") }),
  y: z.object({ label: z.string(), scale: z.enum(["linear", "log"]).default("linear") }),
  series: z.array(z.object({ name: z.string(), points: z.array(pointSchema) })).min(1),
  /** Coloured stretches of the x axis in rows of their own, such as a breaker's states over time. */
  bands: z.array(z.object({ row: z.string(), from: finite, to: finite, state: z.string() })).default([]),
  /** Vertical lines with a text, such as "Redis killed" or "knee". */
  markers: z.array(z.object({ x: finite, label: z.string() })).default([]),
});

const tableSchema = z.object({
  title: z.string(),
  columns: z.array(z.string()).min(1),
  rows: z.array(z.array(z.union([z.string(), finite]))),
});

const rowSchema = z.record(z.string(), z.union([z.string(), finite, z.boolean(), z.null()]));

export const resultSchema = z.object({
  name: z.enum(["load", "cache", "recovery", "hot", "flash", "speed", "growth"]),
  title: z.string(),
  startedAt: z.iso.datetime(),
  seconds: finite,
  /** A run that was interrupted, or stopped by an error, reports what it has. */
  isComplete: z.boolean(),
  isQuick: z.boolean(),
  /** Read in this order: the question, its figure, a sentence, the chart that shows it, and what is folded away. */
  summary: z.array(
    z.object({
      question: z.string(),
      /** With its unit, such as `12.6×`. Runs before December 2026 have none, and longer answers. */
      figure: z.string().optional(),
      /** Of {@link MOST_WORDS} words at the most. */
      answer: z.string(),
      /** Ranges, other settings' figures, coefficients. */
      detail: z.string().optional(),
      chart: z.string().optional(),
    }),
  ),
  /** Invariants that must hold, such as the checker's verdict. */
  verdicts: z.array(z.object({ name: z.string(), isOk: z.boolean(), detail: z.string() })),
  /** Limits of the figures: generator saturation, failed repeats, noise. */
  warnings: z.array(z.string()),
  /** Units, refusals and bill under DynamoDB's limits. Runs before November 2026 have none. */
  limits: z.object({ sentences: z.array(z.string()), tables: z.array(tableSchema) }).optional(),
  /** The way it was measured, a sentence a step. */
  method: z.array(z.string()),
  settings: z.record(z.string(), z.union([z.string(), finite, z.boolean()])),
  measures: z.array(measureSchema),
  charts: z.array(chartSchema),
  tables: z.array(tableSchema),
  /** Raw rows by file name (without `.csv`), written beside the report. */
  raw: z.record(z.string(), z.array(rowSchema)),
});

/** A reader takes in a sentence of this length at once. */
export const MOST_WORDS = 20;

/** The target of a run that has started its own shop. For any other the rest is the load generator's. */
export const STARTED_HERE = "started here";

/** Where it was measured. */
export const environmentSchema = z.object({
  machine: z.string(),
  cores: z.int(),
  memoryGb: finite,
  platform: z.string(),
  /** Version by program, e.g. `bun`, `redis-server`, `locust`. */
  versions: z.record(z.string(), z.string()),
  commit: z.string(),
  isDirty: z.boolean(),
  command: z.string(),
  seed: z.int(),
  target: z.string(),
});

export const runSchema = z.object({
  version: z.literal(1),
  environment: environmentSchema,
  results: z.array(resultSchema),
});

export type Measure = z.infer<typeof measureSchema>;
export type Chart = z.infer<typeof chartSchema>;
export type Table = z.infer<typeof tableSchema>;
export type RawRow = z.infer<typeof rowSchema>;
export type ExperimentResult = z.infer<typeof resultSchema>;
export type RunEnvironment = z.infer<typeof environmentSchema>;
/** One run of `npm run experiment`, with one experiment or all of them. */
export type Run = z.infer<typeof runSchema>;
