/**
 * Ends waits when there is no more hope: calls that are under way when a circuit opens wait for the same silence as those
 * that it refuses.
 */
export const openGiveUps = () => {
  const waits = new Set<(reason: Error) => void>();
  return {
    /** Waits for the work, until it is given up; the work itself goes on. */
    wait: <T>(work: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        waits.add(reject);
        work.then(
          (result) => {
            waits.delete(reject);
            resolve(result);
          },
          (error) => {
            waits.delete(reject);
            reject(error);
          },
        );
      }),
    giveUpAll(reason: Error): void {
      for (const giveUp of waits) giveUp(reason);
      waits.clear();
    },
  };
};
