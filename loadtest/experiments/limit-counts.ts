/** Units that DynamoDB's limits let through, and calls that they refused, as the layer counts them. */
import { z } from "zod";

const countsSchema = z.object({
  read_units: z.number(),
  write_units: z.number(),
  throttled_reads: z.number(),
  throttled_writes: z.number(),
  conflicts: z.number(),
});

export type ResourceCounts = z.infer<typeof countsSchema>;

const reportSchema = z.object({
  rules: z.array(z.string()),
  scale: z.number(),
  seconds: z.number(),
  /** By table, and by table/index. */
  resources: z.record(z.string(), countsSchema),
  hottest_keys: z.array(z.object({ key: z.string(), units: z.number() })),
  operations: z.record(z.string(), z.number()),
  partitions: z.record(z.string(), z.number()),
  bill: z.object({ usd: z.number() }),
  layer: z.object({
    added_ms: z.object({ p50: z.number(), p99: z.number() }),
    cpu_seconds: z.number(),
  }),
});

/** Of some stretch of time. */
export type LimitCounts = z.infer<typeof reportSchema>;

const TIMEOUT_MS = 2_000;

const HOTTEST = 10;
/** As many as the layer keeps. */
export const ALL_KEYS = 5_000;

/** @param keys how many of the hottest keys: all for {@link countsBetween} */
export const readLimits = async (port: number, keys = HOTTEST): Promise<LimitCounts> => {
  const answer = await fetch(`http://127.0.0.1:${port}/limits?keys=${keys}`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return reportSchema.parse(await answer.json());
};

const NOTHING: ResourceCounts = {
  read_units: 0,
  write_units: 0,
  throttled_reads: 0,
  throttled_writes: 0,
  conflicts: 0,
};

const less = (after: ResourceCounts, before: ResourceCounts): ResourceCounts => ({
  read_units: after.read_units - before.read_units,
  write_units: after.write_units - before.write_units,
  throttled_reads: after.throttled_reads - before.throttled_reads,
  throttled_writes: after.throttled_writes - before.throttled_writes,
  conflicts: after.conflicts - before.conflicts,
});

type Keys = LimitCounts["hottest_keys"];

/** Units of a key that the layer had forgotten meanwhile are those since then. */
const hottestBetween = (before: Keys, after: Keys): Keys => {
  const known = new Map(before.map(({ key, units }) => [key, units]));
  return after
    .map(({ key, units }) => ({ key, units: units - Math.min(units, known.get(key) ?? 0) }))
    .filter(({ units }) => units > 0)
    .sort((a, b) => b.units - a.units)
    .slice(0, HOTTEST);
};

export const countsBetween = (before: LimitCounts, after: LimitCounts): LimitCounts => ({
  ...after,
  seconds: after.seconds - before.seconds,
  resources: Object.fromEntries(
    Object.entries(after.resources).map(([name, counts]) => [
      name,
      less(counts, before.resources[name] ?? NOTHING),
    ]),
  ),
  hottest_keys: hottestBetween(before.hottest_keys, after.hottest_keys),
  operations: Object.fromEntries(
    Object.entries(after.operations).map(([name, count]) => [name, count - (before.operations[name] ?? 0)]),
  ),
  bill: { usd: after.bill.usd - before.bill.usd },
  layer: { ...after.layer, cpu_seconds: after.layer.cpu_seconds - before.layer.cpu_seconds },
});

/** The limit that refused most between two counts: one kind of unit of one table or index. */
export interface LimitMet {
  /** Such as "write units of stampede-carts". */
  readonly name: string;
  readonly refused: number;
  /** Units of that kind that were let through. */
  readonly units: number;
}

type Resources = Readonly<Record<string, ResourceCounts>>;

/** @returns undefined when nothing was refused */
export const limitMet = (before: Resources, after: Resources): LimitMet | undefined =>
  Object.entries(after)
    .flatMap(([resource, counts]) => {
      const own = less(counts, before[resource] ?? NOTHING);
      const of = resource.includes("/") ? "index" : "table";
      return [
        { name: `write units of ${of} ${resource}`, refused: own.throttled_writes, units: own.write_units },
        { name: `read units of ${of} ${resource}`, refused: own.throttled_reads, units: own.read_units },
        {
          name: `transactions on items of ${of} ${resource}`,
          refused: own.conflicts,
          units: own.write_units,
        },
      ];
    })
    .filter(({ refused }) => refused > 0)
    .sort((a, b) => b.refused - a.refused)[0];
