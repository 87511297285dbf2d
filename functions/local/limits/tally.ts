import type { Kind } from "./partitions.ts";

/** US dollars for a million units, on demand, us-east-1. Source: DynamoDB pricing, from November 2024 on. */
export const PRICES = { write: 0.625, read: 0.125 } as const;

const SECONDS_A_MONTH = 730 * 3_600;
const HOTTEST = 10;
/** Keys counted at the most; the coldest half is forgotten beyond. */
const MAX_KEYS = 5_000;

interface Counts {
  read_units: number;
  write_units: number;
  throttled_reads: number;
  throttled_writes: number;
  conflicts: number;
}

/** Counts what is consumed, refused and asked, for as long as the layer runs. */
export const openTally = (now: () => number) => {
  const startedAt = now();
  const resources = new Map<string, Counts>();
  const operations = new Map<string, number>();
  const unmodelled = new Map<string, number>();
  const keys = new Map<string, number>();

  const of = (resource: string): Counts => {
    let counts = resources.get(resource);
    if (!counts) {
      counts = { read_units: 0, write_units: 0, throttled_reads: 0, throttled_writes: 0, conflicts: 0 };
      resources.set(resource, counts);
    }
    return counts;
  };

  const ranked = (): [string, number][] => [...keys].sort(([, a], [, b]) => b - a);

  const countKey = (name: string, units: number): void => {
    keys.set(name, (keys.get(name) ?? 0) + units);
    if (keys.size <= MAX_KEYS) return;
    for (const [key] of ranked().slice(MAX_KEYS / 2)) keys.delete(key);
  };

  const add = (counts: Map<string, number>, name: string): void =>
    void counts.set(name, (counts.get(name) ?? 0) + 1);

  const bill = (reads: number, writes: number): number => (reads * PRICES.read + writes * PRICES.write) / 1e6;

  return {
    /** @param resource a table's name, or table/index  @param key undefined where the units are of no one key */
    units(resource: string, key: string | undefined, kind: Kind, units: number): void {
      of(resource)[`${kind}_units`] += units;
      if (key !== undefined) countKey(`${resource} ${key}`, units);
    },
    throttled: (resource: string, kind: Kind): void => void (of(resource)[`throttled_${kind}s`] += 1),
    conflict: (resource: string): void => void (of(resource).conflicts += 1),
    operation: (name: string): void => add(operations, name),
    unmodelled: (name: string): void => add(unmodelled, name),
    /** @param keyCount how many of the hottest keys */
    report(keyCount = HOTTEST) {
      const seconds = Math.max(1, now() - startedAt) / 1_000;
      const sum = (name: keyof Counts): number =>
        [...resources.values()].reduce((total, counts) => total + counts[name], 0);
      const cost = bill(sum("read_units"), sum("write_units"));
      return {
        seconds,
        resources: Object.fromEntries(resources),
        hottest_keys: ranked()
          .slice(0, keyCount)
          .map(([key, units]) => ({ key, units })),
        operations: Object.fromEntries(operations),
        unmodelled_operations: Object.fromEntries(unmodelled),
        bill: {
          usd: cost,
          usd_a_month: (cost / seconds) * SECONDS_A_MONTH,
          usd_a_million_units: PRICES,
        },
      };
    },
  };
};

export type Tally = ReturnType<typeof openTally>;
