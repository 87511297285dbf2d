/** Calls whose times are kept. */
const KEPT = 2_000;

const rank = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Cost of the layer itself: its time in calls that ask the engine once, and the processor time of its thread. */
export const openOwnTime = () => {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const kept: number[] = [];
  let calls = 0;
  return {
    /** @param ms of one call, without the engine's time and the modelled latency */
    note(ms: number): void {
      kept[calls % KEPT] = ms;
      calls += 1;
    },
    report() {
      const sorted = kept.toSorted((a, b) => a - b);
      const { user, system } = process.cpuUsage(cpuBefore);
      return {
        added_ms: { p50: rank(sorted, 0.5), p99: rank(sorted, 0.99) },
        cpu_seconds: (user + system) / 1e6,
        seconds: (performance.now() - startedAt) / 1_000,
      };
    },
  };
};
