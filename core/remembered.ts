/**
 * A figure that costs a call, asked for at most once in a while.
 *
 * @param ms how long a figure is given again; a failure is not kept
 * @param now milliseconds on any clock
 */
export const remembered = <T>(
  ms: number,
  load: () => Promise<T>,
  now: () => number = () => performance.now(),
): (() => Promise<T>) => {
  let figure: Promise<T> | undefined;
  let loadedAt = 0;
  return () => {
    if (figure && now() - loadedAt < ms) return figure;
    const loading = load();
    loading.catch(() => {
      if (figure === loading) figure = undefined;
    });
    figure = loading;
    loadedAt = now();
    return loading;
  };
};
