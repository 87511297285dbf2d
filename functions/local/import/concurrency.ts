/**
 * Does the work for every item, `atOnce` of them at a time. At the first failure, or when the signal aborts,
 * nothing new is begun; what is under way is waited for.
 *
 * @throws the first failure
 */
export const eachConcurrently = async <T>(
  workers: number,
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> => {
  const queue = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (failures.length === 0 && !signal?.aborted) {
      const next = queue.next();
      if (next.done) return;
      await work(next.value).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  if (failures.length > 0) throw failures[0];
};
