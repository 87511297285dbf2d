import type { ProgramAction, ProgramName } from "../web/live/action-schema.ts";
import type { ProgramState } from "../web/live/sample.ts";
import { sendSignal } from "./processes.ts";

export type Programs = ReturnType<typeof openPrograms>;

/** The programs beside the server: which run, and a hand on each. */
export const openPrograms = () => {
  const running = new Map<ProgramName, { readonly pid: number; state: ProgramState }>();
  const held = new Map<ProgramName, PromiseWithResolvers<void>>();

  const release = (name: ProgramName): void => {
    held.get(name)?.resolve();
    held.delete(name);
    const program = running.get(name);
    if (program?.state !== "frozen") return;
    program.state = "up";
    sendSignal(program.pid, "SIGCONT");
  };

  return {
    /** Notes the process that runs now. */
    note: (name: ProgramName, pid: number): void => void running.set(name, { pid, state: "up" }),

    /** Resolves when the program is to run: at once, unless it was stopped. */
    untilWanted: async (name: ProgramName): Promise<void> => held.get(name)?.promise,

    /** @returns whether there is such a program */
    act: (name: ProgramName, action: ProgramAction): boolean => {
      const program = running.get(name);
      if (!program) return false;
      if (action === "stop" && !held.has(name)) held.set(name, Promise.withResolvers());
      if (action === "start") release(name);
      // Of one that is down the number may be another process's by now.
      else if (program.state !== "down") {
        sendSignal(program.pid, action === "freeze" ? "SIGSTOP" : "SIGKILL");
        program.state = action === "freeze" ? "frozen" : "down";
      }
      return true;
    },

    /** Lets all run, so that they can be ended. */
    releaseAll: (): void => [...running.keys()].forEach(release),

    states: (): Record<string, ProgramState> =>
      Object.fromEntries([...running].map(([name, { state }]) => [name, state])),
  };
};
