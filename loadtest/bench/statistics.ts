/** The value below which a share of the samples lies (nearest rank). `share` is from 0 to 1. */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** Milliseconds that the work took. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

export const medianOf = (samples: readonly number[]): number => percentile(samples, 0.5);

/** The least and the greatest of some figures, for people. */
export const spread = (samples: readonly number[], digits = 0): string =>
  `${rounded(Math.min(...samples), digits)}–${rounded(Math.max(...samples), digits)}`;
