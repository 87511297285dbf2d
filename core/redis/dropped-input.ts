import type { Logger } from "@aws-lambda-powertools/logger";

/** Anybody may send garbage as fast as the network takes it: one line a second says enough. */
const LOG_EVERY_MS = 1_000;

/** Characters of a sample that are logged. */
const SAMPLE_LENGTH = 200;

/** Takes note of what came from Redis and was not valid. */
export interface DroppedInput {
  /** @param error what the message's listener threw, where the message itself is valid */
  readonly message: (text: string, error?: unknown) => void;
  /** @param what whose value it is */
  readonly value: (what: string, sample: unknown) => void;
}

/** Counts every case, and logs some. */
export const openDroppedInput = (log: Logger, now: () => number) => {
  const counts = { messages: 0, values: 0 };
  let loggedAt = Number.NEGATIVE_INFINITY;
  const warn = (what: string, sample: unknown, error?: unknown): void => {
    if (now() - loggedAt < LOG_EVERY_MS) return;
    loggedAt = now();
    const details = { what, sample: String(sample).slice(0, SAMPLE_LENGTH) };
    if (error === undefined) log.warn("dropped invalid input from Redis", details);
    else log.error("failed to handle a message from Redis", { ...details, error: error as Error });
  };
  const dropped: DroppedInput = {
    message: (text, error) => {
      counts.messages += 1;
      warn("bus", text, error);
    },
    value: (what, sample) => {
      counts.values += 1;
      warn(what, sample);
    },
  };
  return { ...dropped, counts };
};
