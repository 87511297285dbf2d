/** Milliseconds that the probe has, with which a suspicion is checked, unless the dependency answers more slowly. */
export const CHECK_MS = 150;

/**
 * Suspects that a dependency hangs before any of its calls has timed out: several have begun since the last success, and
 * have waited for far longer than an answer usually takes.
 *
 * @param calls how many it takes
 */
export const openHangWatch = (calls: number) => {
  let patience = (): number => Number.POSITIVE_INFINITY;
  let checkMs = CHECK_MS;
  let begun = 0;
  /** When as many as it takes had been begun. */
  let fullAt = 0;
  return {
    /**
     * @param how milliseconds after which an answer is late by far, at present
     * @param probeMs milliseconds that the probe has, with which a suspicion is checked
     */
    use(how: () => number, probeMs = CHECK_MS): void {
      patience = how;
      checkMs = probeMs;
    },
    checkMs: () => checkMs,
    /** Forgets the calls so far: the dependency has answered. */
    forget(): void {
      begun = 0;
    },
    /** Notes that a call begins. @returns whether those before it seem to hang */
    isSuspicious(at: number): boolean {
      if (begun >= calls) return at - fullAt >= patience();
      begun += 1;
      if (begun === calls) fullAt = at;
      return false;
    },
  };
};
