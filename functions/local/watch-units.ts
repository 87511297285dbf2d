import { z } from "zod";
import type { Units } from "../web/live/history.ts";

const SECOND_MS = 1_000;

const countsSchema = z.object({
  seconds: z.number(),
  resources: z.record(
    z.string(),
    z.object({
      read_units: z.number(),
      write_units: z.number(),
      throttled_reads: z.number(),
      throttled_writes: z.number(),
      conflicts: z.number(),
    }),
  ),
});

/**
 * Watches what the layer with DynamoDB's limits counts, over all tables and processes.
 *
 * @param endpoint of the layer; undefined where there is none
 * @returns the rates of the last second; undefined until there are two counts to compare
 */
export const watchUnits = (endpoint: string | undefined) => {
  let before: (Units & { readonly seconds: number }) | undefined;
  let rates: Units | undefined;
  if (!endpoint) return { rates: () => undefined, stop: () => undefined };

  const look = async (): Promise<void> => {
    const answer = await fetch(new URL("/limits", endpoint), { signal: AbortSignal.timeout(SECOND_MS) });
    const { seconds, resources } = countsSchema.parse(await answer.json());
    const all = Object.values(resources);
    const sum = (of: (counts: (typeof all)[number]) => number): number =>
      all.reduce((total, counts) => total + of(counts), 0);
    const now = {
      seconds,
      read: sum((counts) => counts.read_units),
      write: sum((counts) => counts.write_units),
      throttled: sum((counts) => counts.throttled_reads + counts.throttled_writes),
      conflicts: sum((counts) => counts.conflicts),
    };
    // A layer that was started again counts from nothing.
    const last = before && before.seconds < seconds ? before : undefined;
    before = now;
    if (!last) return;
    const perSecond = (name: keyof Units): number =>
      Math.max(0, Math.round((10 * (now[name] - last[name])) / (seconds - last.seconds)) / 10);
    rates = {
      read: perSecond("read"),
      write: perSecond("write"),
      throttled: perSecond("throttled"),
      conflicts: perSecond("conflicts"),
    };
  };
  const timer = setInterval(() => {
    look().catch(() => {
      rates = undefined;
    });
  }, SECOND_MS);
  timer.unref();
  return { rates: () => rates, stop: () => clearInterval(timer) };
};
