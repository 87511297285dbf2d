import { type Bucket, fullBucket, hasTokens } from "./capacity-bucket.ts";

/** Units a second that one partition serves. Source: "Best practices for partition key design", developer guide. */
export const PARTITION_RATE = { write: 1_000, read: 3_000 } as const;

/** A new on-demand table serves 4,000 write or 12,000 read units. Source: "On-demand capacity mode", developer guide. */
export const FIRST_PARTITIONS = 4;

export type Kind = keyof typeof PARTITION_RATE;

export interface PartitionSettings {
  /** Of all rates. */
  readonly scale: number;
  /** Seconds in a row that a partition has to be hot before it splits. AWS gives no number: "minutes". */
  readonly heatSeconds: number;
  /** Seconds in which a table may at most double its peak. Source as above: 30 minutes. */
  readonly growthSeconds: number;
  /** Milliseconds. */
  readonly now: () => number;
}

/** A range of hashes, from `from` to the next partition's. */
interface Partition {
  readonly from: number;
  readonly buckets: Record<Kind, Bucket>;
  /** The running second, and the units taken in it as a share of the rate. */
  second: number;
  load: number;
  wasThrottled: boolean;
  hotSeconds: number;
  /** Units taken by hash while the partition is hot: where a split would part them. */
  readonly taken: Map<number, number>;
}

const HASHES = 2 ** 32;
/** Share of its rate from which on a partition counts as hot. */
const HOT_LOAD = 0.8;
const MAX_TAKEN = 10_000;

/** The partitions of one table or index. An item never spans two, so that its rate has a ceiling. */
export const openPartitions = ({ scale, heatSeconds, growthSeconds, now }: PartitionSettings) => {
  const rates = { write: PARTITION_RATE.write * scale, read: PARTITION_RATE.read * scale };

  const create = (from: number): Partition => ({
    from,
    buckets: { write: fullBucket(rates.write, now()), read: fullBucket(rates.read, now()) },
    second: Math.floor(now() / 1_000),
    load: 0,
    wasThrottled: false,
    hotSeconds: 0,
    taken: new Map(),
  });
  let partitions = Array.from({ length: FIRST_PARTITIONS }, (_, i) =>
    create((HASHES / FIRST_PARTITIONS) * i),
  );
  /** Of the whole table: what has been taken in this second, and the most in one second of this period, in partitions. */
  const growth = { second: 0, load: 0, peak: 0, periodEnds: now() + growthSeconds * 1_000 };

  const indexOf = (hash: number): number => {
    let [low, high] = [0, partitions.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((partitions[middle] as Partition).from <= hash) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const of = (hash: number): Partition => partitions[indexOf(hash)] as Partition;
  const endOf = (index: number): number => partitions[index + 1]?.from ?? HASHES;

  const splitAt = (index: number, boundary: number): void => {
    partitions = partitions.toSpliced(
      index,
      1,
      create((partitions[index] as Partition).from),
      create(boundary),
    );
  };

  /** Where half of what was taken lies on either side; undefined when one item takes it all. */
  const boundaryOf = ({ from, taken }: Partition): number | undefined => {
    const hashes = [...taken].sort(([a], [b]) => a - b);
    if (hashes.length < 2) return undefined;
    const half = hashes.reduce((units, [, own]) => units + own, 0) / 2;
    let below = 0;
    for (const [index, [hash, units]] of hashes.entries()) {
      below += units;
      if (below < half) continue;
      const next = hashes[index + 1]?.[0];
      return next ?? (hash > from ? hash : undefined);
    }
    return undefined;
  };

  const endSecond = (partition: Partition, second: number): void => {
    const isHot = partition.load >= HOT_LOAD || partition.wasThrottled;
    partition.hotSeconds = isHot && second === partition.second + 1 ? partition.hotSeconds + 1 : 0;
    if (partition.hotSeconds === 0) partition.taken.clear();
    Object.assign(partition, { second, load: 0, wasThrottled: false });
    if (partition.hotSeconds < heatSeconds) return;
    const boundary = boundaryOf(partition);
    partition.hotSeconds = 0;
    if (boundary !== undefined) splitAt(indexOf(partition.from), boundary);
  };

  /** "Double the previous peak within 30 minutes": partitions for twice the peak of the period that ended. */
  const grow = (second: number, at: number): void => {
    growth.peak = Math.max(growth.peak, growth.load);
    Object.assign(growth, { second, load: 0 });
    if (at < growth.periodEnds) return;
    for (const wanted = Math.ceil(growth.peak * 2); partitions.length < wanted; ) {
      const widths = partitions.map(({ from }, index) => endOf(index) - from);
      const widest = widths.indexOf(Math.max(...widths));
      splitAt(widest, (partitions[widest] as Partition).from + Math.floor((widths[widest] ?? 0) / 2));
    }
    Object.assign(growth, { peak: 0, periodEnds: at + growthSeconds * 1_000 });
  };

  return {
    count: (): number => partitions.length,
    /** Whether the partition of a hash takes another request. A refusal counts as heat. */
    admits(hash: number, kind: Kind): boolean {
      const partition = of(hash);
      if (hasTokens(partition.buckets[kind], rates[kind], now())) return true;
      partition.wasThrottled = true;
      return false;
    },
    /** Takes units, of a request let in or, in addition, of one that cost more than was thought (or less: below 0). */
    take(hash: number, kind: Kind, units: number): void {
      const at = now();
      const second = Math.floor(at / 1_000);
      if (second > growth.second) grow(second, at);
      const before = of(hash);
      if (second > before.second) endSecond(before, second);
      const partition = of(hash);
      partition.buckets[kind].tokens -= units;
      partition.load += units / rates[kind];
      growth.load += units / rates[kind];
      if (partition.taken.size < MAX_TAKEN || partition.taken.has(hash)) {
        partition.taken.set(hash, (partition.taken.get(hash) ?? 0) + units);
      }
    },
  };
};

export type Partitions = ReturnType<typeof openPartitions>;
