/** Moments are milliseconds of the test's own clock (`performance.now()`), durations milliseconds. */

/** A write whose answer is here. */
export interface Write {
  readonly product: number;
  readonly version: number;
  readonly acknowledged: number;
}

/** A read whose answer is here. */
export interface Read {
  readonly process: string;
  readonly product: number;
  readonly version: number;
  readonly started: number;
  readonly ended: number;
}

export interface Verdict {
  /** For each write and process: for how long after the acknowledgement an older version was still read there. */
  readonly staleness: readonly number[];
  /** For each read of an older version after a newer one in the same process: how long after that one. */
  readonly regress: readonly number[];
}

/**
 * Holds every read against the acknowledged history: one that starts once a version is acknowledged should
 * give that version or a newer one.
 */
export const judge = (writes: readonly Write[], reads: readonly Read[]): Verdict => {
  const writesOf = Map.groupBy(writes, ({ product }) => product);
  const readsOf = Map.groupBy(reads, ({ process, product }) => `${process} ${product}`);
  const verdicts = [...readsOf.values()].map((own) => ({
    staleness: stalenessOf(writesOf.get(own[0]?.product ?? 0) ?? [], own),
    regress: regressOf(own),
  }));
  return {
    staleness: verdicts.flatMap(({ staleness }) => staleness),
    regress: verdicts.flatMap(({ regress }) => regress),
  };
};

const stalenessOf = (writes: readonly Write[], reads: readonly Read[]): number[] =>
  writes.map(({ version, acknowledged }) =>
    reads.reduce((worst, read) => {
      const isStale = read.version < version && read.started > acknowledged;
      return isStale ? Math.max(worst, read.started - acknowledged) : worst;
    }, 0),
  );

const regressOf = (reads: readonly Read[]): number[] => {
  const firstSeen = new Map<number, number>();
  for (const { version, ended } of reads) {
    firstSeen.set(version, Math.min(ended, firstSeen.get(version) ?? Number.POSITIVE_INFINITY));
  }
  return reads.flatMap((read) => {
    const newerSeen = [...firstSeen].filter(([version, at]) => version > read.version && at < read.started);
    return newerSeen.length === 0 ? [] : [Math.max(...newerSeen.map(([, at]) => read.started - at))];
  });
};

/** @param share of the values that are not above the answer, from 0 to 1 */
export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0;
