export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** Milliseconds that the work took. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

/** The least and the greatest of some figures, for people. */
export const spread = (samples: readonly number[], digits = 0): string =>
  `${rounded(Math.min(...samples), digits)}–${rounded(Math.max(...samples), digits)}`;
