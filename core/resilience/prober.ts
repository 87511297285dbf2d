/** A cheap call that fails while the dependency is away. Bounds its own time. */
export type Probe = () => Promise<unknown>;

/** Of a dependency that can't be asked as often as the circuit would. Durations in milliseconds. */
export interface ProbePace {
  /** Least mean pause between two probes. One is under way at a time. */
  readonly every: number;
  /** Pause after a probe that failed like this; undefined for the usual one. */
  readonly pauseAfter: (error: unknown) => number | undefined;
}

/** Share by which pauses vary, so that processes do not probe in step. */
const JITTER = 1 / 3;

/**
 * Probes a dependency at a steady pace, off the callers' path. A probe that hangs does not hold up the next one: after an
 * outage the hung one may never be answered. Only where a pace is set, the next one waits for the last.
 */
export const openProber = (heard: (isWell: boolean) => void) => {
  let probe: Probe | undefined;
  let pace: ProbePace | undefined;
  let underWay = 0;
  let pausedUntil = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = 0;
  let lastAt = 0;
  /** Answers to probes of an earlier start are dropped. */
  let starts = 0;

  const askOnce = (): boolean => {
    const start = starts;
    const tell =
      (isWell: boolean) =>
      (error: unknown): void => {
        underWay -= 1;
        pausedUntil = isWell ? 0 : performance.now() + (pace?.pauseAfter(error) ?? 0);
        if (start === starts) heard(isWell);
      };
    if (probe) underWay += 1;
    probe?.().then(tell(true), tell(false));
    return probe !== undefined;
  };

  const isHeldBack = (): boolean => pace !== undefined && (underWay > 0 || lastAt < pausedUntil);

  const ask = (): void => {
    lastAt = performance.now();
    if (!isHeldBack()) askOnce();
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
    use(how: Probe, often?: ProbePace): void {
      probe = how;
      pace = often;
    },
    /** @param every milliseconds between two probes, on average */
    start(every: number): void {
      stop();
      pause = Math.max(every, pace?.every ?? 0);
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
