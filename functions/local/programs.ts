import { sendSignal } from "./processes.ts";

/** Programs that the launcher owns and the console may take down. */
export const PROGRAMS = ["redis", "dynamodb"] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** `kill`: as `kill -9`, and it is started again at once. `stop`: it stays down until `start`. `freeze`: it hangs. */
export const PROGRAM_ACTIONS = ["kill", "stop", "start", "freeze"] as const;
export type ProgramAction = (typeof PROGRAM_ACTIONS)[number];

export type Programs = ReturnType<typeof openPrograms>;

/** The programs beside the server: which run, and a hand on each. */
export const openPrograms = () => {
  const pids = new Map<ProgramName, number>();
  const held = new Map<ProgramName, PromiseWithResolvers<void>>();
  const frozen = new Set<ProgramName>();

  const release = (name: ProgramName): void => {
    held.get(name)?.resolve();
    held.delete(name);
    const pid = pids.get(name);
    if (pid !== undefined && frozen.delete(name)) sendSignal(pid, "SIGCONT");
  };

  return {
    /** Notes the process that runs now. */
    note: (name: ProgramName, pid: number): void => {
      frozen.delete(name);
      pids.set(name, pid);
    },

    /** Resolves when the program is to run: at once, unless it was stopped. */
    untilWanted: async (name: ProgramName): Promise<void> => held.get(name)?.promise,

    /** @returns whether there is such a program */
    act: (name: ProgramName, action: ProgramAction): boolean => {
      const pid = pids.get(name);
      if (pid === undefined) return false;
      if (action === "stop" && !held.has(name)) held.set(name, Promise.withResolvers());
      if (action === "freeze") {
        frozen.add(name);
        sendSignal(pid, "SIGSTOP");
      } else if (action === "start") release(name);
      else sendSignal(pid, "SIGKILL");
      return true;
    },

    /** Lets all run, so that they can be ended. */
    releaseAll: (): void => PROGRAMS.forEach(release),

    states: (): Record<string, "up" | "down" | "frozen"> =>
      Object.fromEntries(
        [...pids.keys()].map((name) => [name, held.has(name) ? "down" : frozen.has(name) ? "frozen" : "up"]),
      ),
  };
};
