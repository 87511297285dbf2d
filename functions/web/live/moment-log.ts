/** Ten minutes of seconds. */
const KEPT = 600;

/** A second as it is sent: as JSON, made once, however many pages are open. */
export interface KeptMoment {
  readonly id: number;
  readonly json: string;
}

export type MomentLog = ReturnType<typeof openMomentLog>;

/**
 * The last ten minutes, second by second, for pages that are open and pages opened later.
 *
 * @param run tells one log's ids from another's: a browser resumes with the last one it has. Processes that keep the same
 *   log share it, so that a browser can resume at either
 */
export const openMomentLog = (run: string = crypto.randomUUID().slice(0, 8)) => {
  const moments: KeptMoment[] = [];
  const listeners = new Set<(moment: KeptMoment) => void>();
  return {
    run,
    lastId: (): number => moments.at(-1)?.id ?? 0,
    /** Later than the given one. */
    since: (id: number): readonly KeptMoment[] => moments.filter((moment) => moment.id > id),
    /** @returns ends it */
    listen: (listener: (moment: KeptMoment) => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    add: (moment: KeptMoment): void => {
      moments.push(moment);
      if (moments.length > KEPT) moments.shift();
      for (const listener of listeners) listener(moment);
    },
  };
};
