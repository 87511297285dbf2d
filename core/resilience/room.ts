/** As many calls as may be under way are, and as many as may wait for a place do. The call was not made. */
export class RoomFullError extends Error {
  override readonly name = "RoomFullError";

  constructor() {
    super("Too many calls are under way and waiting");
  }
}

export interface RoomSettings {
  /** Calls under way at a time. */
  readonly places: number;
  /** Calls that wait for a place, first come, first served. */
  readonly waiting: number;
}

/** Settings that let every call in at once. */
export const NO_WALLS: RoomSettings = { places: Number.POSITIVE_INFINITY, waiting: 0 };

export type Room = ReturnType<typeof openRoom>;

/** A bulkhead: bounds the calls under way. A caller that gives up leaves the queue at once. */
export const openRoom = ({ places, waiting }: RoomSettings) => {
  const queue = new Set<() => void>();
  let taken = 0;

  const place = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => {
        queue.delete(enter);
        reject(calledOff(signal));
      };
      const enter = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      queue.add(enter);
      signal?.addEventListener("abort", onAbort);
    });

  const leave = (): void => {
    const [next] = queue;
    if (!next) {
      taken -= 1;
      return;
    }
    // The place is handed over, so that nobody comes in between.
    queue.delete(next);
    next();
  };

  return {
    /**
     * Does the work once there is a place.
     *
     * @throws RoomFullError, or an error named `AbortError` when the signal ends the wait
     */
    async execute<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
      if (signal?.aborted) throw calledOff(signal);
      if (taken < places) taken += 1;
      else if (queue.size < waiting) await place(signal);
      else throw new RoomFullError();
      try {
        return await work();
      } finally {
        leave();
      }
    },
    /** Calls that wait for a place. */
    waiting: (): number => queue.size,
  };
};

const calledOff = (signal: AbortSignal | undefined): Error =>
  Object.assign(new Error("Called off before it began", { cause: signal?.reason }), { name: "AbortError" });
