import type { ProgramAction } from "./action-schema.ts";
import type { ProgramState } from "./sample.ts";

/** States of a program in which an action changes anything. */
const STATES: Readonly<Record<ProgramAction, readonly ProgramState[]>> = {
  kill: ["up", "frozen"],
  stop: ["starting", "up", "frozen"],
  start: ["down", "frozen"],
  freeze: ["up"],
};

/** Whether the action would change anything about a program in this state. */
export const hasEffect = (action: ProgramAction, state: ProgramState): boolean =>
  STATES[action].includes(state);
