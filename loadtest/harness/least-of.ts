const TIMES = 3;

/**
 * The least of up to three measurements, for a bound that a busy machine may break by chance: the load beside it only
 * ever adds. The first one below the bound ends it.
 *
 * @param enough the bound, in the unit of what is measured
 */
export const leastOf = async (enough: number, measure: () => Promise<number> | number): Promise<number> => {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < TIMES && least >= enough; time++) least = Math.min(least, await measure());
  return least;
};
