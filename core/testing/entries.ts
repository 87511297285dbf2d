import type { Entry } from "../cache/entry.ts";
import { loadedEntry } from "../cache/lifetime.ts";

/** Lifetimes in milliseconds. */
export const SOFT = 60_000;
export const HARD = 600_000;

/**
 * An entry as a process has just loaded it: `v7` for version 7.
 *
 * @param asOf epoch milliseconds
 */
export const entryOf = (version: number, asOf = Date.now()): Entry<string> =>
  loadedEntry({ value: `v${version}`, version }, { asOf, loadMs: 1, lifetime: { soft: SOFT, hard: HARD } });
