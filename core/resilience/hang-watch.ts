/** Milliseconds that the probe has, with which a suspicion is checked, unless the dependency answers more slowly. */
export const CHECK_MS = 150;

/** When calls without an answer are suspicious. Durations in milliseconds. */
export interface HangSigns {
  /** After how long an answer is late by far, at present: each of the calls has waited for it. */
  readonly late: () => number;
  /** The probe has as long, with which a suspicion is checked; {@link CHECK_MS} unless given. */
  readonly check?: number;
  /** The first of the calls has waited for as long by the end of the check; not longer than the others unless given. */
  readonly first?: number;
}

/**
 * Suspects that a dependency hangs before any of its calls has timed out: several have begun since the last success, and
 * have waited for far longer than an answer usually takes.
 *
 * @param calls how many it takes
 */
export const openHangWatch = (calls: number) => {
  let signs: Required<HangSigns> = { late: () => Number.POSITIVE_INFINITY, check: CHECK_MS, first: 0 };
  let begun = 0;
  let firstAt = 0;
  /** When as many as it takes had been begun. */
  let fullAt = 0;
  return {
    use({ late, check = CHECK_MS, first = 0 }: HangSigns): void {
      signs = { late, check, first };
    },
    checkMs: () => signs.check,
    /** Forgets the calls so far: the dependency has answered. */
    forget(): void {
      begun = 0;
    },
    /** Notes that a call begins. @returns whether those before it seem to hang */
    isSuspicious(at: number): boolean {
      if (begun >= calls) return at - firstAt >= signs.first - signs.check && at - fullAt >= signs.late();
      if (begun === 0) firstAt = at;
      begun += 1;
      if (begun === calls) fullAt = at;
      return false;
    },
  };
};
