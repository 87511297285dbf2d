import type { Options } from "./bench-options.ts";
export type Row = Record<string, string | number>;

/**
 * The result of a benchmark: tables by their titles, each with the baseline of its ratios as the first row.
 */
export type Benchmark = (options: Options) => Promise<Record<string, Row[]>>;
