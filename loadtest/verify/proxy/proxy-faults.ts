import type { Random } from "../../harness/random.ts";

/**
 * - `reset`: the connection is reset before the request is passed on.
 * - `cut`: the request is passed on and carried out; the connection is reset instead of an answer.
 * - `hangup`: as `cut`, but the connection is closed in good order, as an idle one is.
 * - `half`: half of the answer arrives, then the end of the connection.
 * - `stall`: the request is carried out; the answer comes `stallMs` later.
 */
export const FAULT_KINDS = ["reset", "cut", "hangup", "half", "stall"] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** Shares of the requests that meet each fault, from 0 to 1; durations in milliseconds. */
export interface ProxySettings extends Readonly<Record<FaultKind, number>> {
  /** Share of the records of DynamoDB streams that nobody ever gets; the answers that had them arrive unbroken. */
  readonly dropRecords: number;
  readonly stallMs: number;
  /** Added to every request. */
  readonly latencyMs: number;
}

export const HARMLESS: ProxySettings = {
  reset: 0,
  cut: 0,
  hangup: 0,
  half: 0,
  stall: 0,
  dropRecords: 0,
  stallMs: 500,
  latencyMs: 0,
};

export type ProxyStats = Readonly<Record<"connections" | "requests" | "droppedRecords" | FaultKind, number>>;

/** A fault that waits for its request. */
export interface Armed {
  readonly kind: FaultKind;
  readonly pattern: RegExp;
  /** Done once the request is carried out, before the client sees the fault. */
  readonly meanwhile: () => Promise<void>;
}

/** Faults in force and what has been counted; shared by all connections of a proxy. */
export interface Chaos {
  readonly random: Random;
  settings: ProxySettings;
  readonly armed: Armed[];
  readonly counts: Record<keyof ProxyStats, number>;
  readonly requests: string[] | undefined;
}
