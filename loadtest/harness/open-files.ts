import { readFileSync } from "node:fs";

/**
 * Connections that a test may open at a time: half of what this process may have open, and its children with it.
 *
 * @param wanted where the limit allows it
 */
export const connectionsAtMost = (wanted: number): number => {
  const limit = Number(/Max open files\s+(\d+)/.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
  return Math.min(wanted, Math.floor(limit / 2));
};
