/** A cheap call that fails while the dependency is away. Bounds its own time. */
export type Probe = () => Promise<unknown>;

/** Share by which pauses vary, so that processes do not probe in step. */
const JITTER = 1 / 3;

/**
 * Probes a dependency at a steady pace, off the callers' path. A probe that hangs does not hold up the next one: after an
 * outage the hung one may never be answered.
 */
export const openProber = (heard: (isWell: boolean) => void) => {
  let probe: Probe | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = 0;
  let lastAt = 0;
  /** Answers to probes of an earlier start are dropped. */
  let starts = 0;

  const askOnce = (): boolean => {
    const start = starts;
    const tell = (isWell: boolean) => (): void => {
      if (start === starts) heard(isWell);
    };
    probe?.().then(tell(true), tell(false));
    return probe !== undefined;
  };

  const ask = (): void => {
    lastAt = performance.now();
    askOnce();
    schedule();
  };

  const schedule = (): void => {
    timer = setTimeout(ask, pause * (1 - JITTER + 2 * JITTER * Math.random()));
    timer.unref?.();
  };

  const stop = (): void => {
    clearTimeout(timer);
    starts += 1;
  };

  return {
    /** Sets how to probe. Without it nothing is probed. */
    use(how: Probe): void {
      probe = how;
    },
    /** @param every milliseconds between two probes, on average */
    start(every: number): void {
      stop();
      pause = every;
      lastAt = performance.now();
      if (probe) schedule();
    },
    stop,
    /** Probes once, beside the pace. @returns whether there is a probe */
    askOnce,
    /** Whether probes are overdue: there is none, or the process was frozen, as a Lambda is between invocations. */
    isOverdue: (): boolean => performance.now() - lastAt > 4 * pause,
    /** Notes that a caller probes. */
    noteCaller(): void {
      lastAt = performance.now();
    },
  };
};
