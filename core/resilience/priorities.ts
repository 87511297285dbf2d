import { openWaitingLine, type Waiter } from "./waiting-line.ts";

/** Kinds of work, the most important first: whatever is about to pay goes before what looks around. */
export const PRIORITIES = ["operations", "checkout", "write", "background", "read", "search"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Milliseconds within which work of each kind is to be answered; Infinity: it is never shed. */
export type Objectives = Readonly<Record<Priority, number>>;

const NEVER = Number.POSITIVE_INFINITY;

/** Nothing is shed. */
export const NO_OBJECTIVES: Objectives = {
  operations: NEVER,
  checkout: NEVER,
  write: NEVER,
  background: NEVER,
  read: NEVER,
  search: NEVER,
};

/** A waiting line for each priority. */
export const openWaitingLines = (objectives: Objectives) => {
  const lines = PRIORITIES.map((priority) => openWaitingLine(objectives[priority]));
  const of = Object.fromEntries(PRIORITIES.map((priority, at) => [priority, lines[at]])) as Record<
    Priority,
    (typeof lines)[number]
  >;
  return {
    join: (priority: Priority, waiter: Waiter): void => of[priority].join(waiter),
    abandon: (priority: Priority, waiter: Waiter): void => of[priority].abandon(waiter),
    noteService: (priority: Priority, ms: number): void => of[priority].noteService(ms),
    shedLate: (now: number): void => {
      for (const line of lines) line.shedLate(now);
    },
    /** Takes out the one whose turn it is: of the most important line that has any. */
    next: (now: number): Waiter | undefined => lines.find(({ length }) => length() > 0)?.next(now),
  };
};
