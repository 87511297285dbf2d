/** Orders settled at a time at the beginning of a run, and at the most. */
const START = 4;
const MOST = 16;
/** Times the shortest time of a settlement from which on the processor counts as strained. */
const STRAINED = 4;

export type SettlePace = ReturnType<typeof openSettlePace>;

/**
 * Paces the settling of a backlog, so that a processor that has just returned is not buried by all the orders that waited
 * for it: additive increase while it answers quickly, halved when it fails, as TCP does.
 */
export const openSettlePace = (now: () => number = () => performance.now()) => {
  let limit = START;
  let underWay = 0;
  let shortest = Number.POSITIVE_INFINITY;
  const waiting: (() => void)[] = [];

  const admit = (): void => {
    while (underWay < Math.floor(limit) && waiting.length > 0) {
      underWay += 1;
      waiting.shift()?.();
    }
  };

  return {
    /** Does the work in its turn. */
    async run<T>(work: () => Promise<T>): Promise<T> {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        admit();
      });
      const startedAt = now();
      try {
        const result = await work();
        const took = now() - startedAt;
        shortest = Math.min(shortest, took);
        if (took <= STRAINED * shortest) limit = Math.min(MOST, limit + 1 / limit);
        return result;
      } catch (error) {
        limit = Math.max(1, limit / 2);
        throw error;
      } finally {
        underWay -= 1;
        admit();
      }
    },
    limit: (): number => Math.floor(limit),
  };
};
