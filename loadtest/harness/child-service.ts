import { freePort } from "../../functions/local/ports.ts";
import { sendSignal } from "../../functions/local/processes.ts";
import { endWithThisProcess } from "./end-with-process.ts";

/** A program that runs, as the launcher's own functions start it. */
export interface Running {
  readonly pid: number;
  /** Resolves when it is gone, stopped or not. */
  readonly exited: Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A program that listens on one loopback port through all its restarts. */
export interface ChildService {
  readonly port: number;
  /** Of the process that runs now, if one does. */
  readonly pid: () => number | undefined;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Ends it as by `kill -9` and waits until it is gone. */
  readonly kill: () => Promise<void>;
  /** Starts it, also again once it was killed. */
  readonly start: () => Promise<void>;
  readonly killAndRestart: () => Promise<void>;
  /** Ends it for good. */
  readonly stop: () => Promise<void>;
}

/** @param startOn starts the program on a port, once it is ready */
export const planService = async (startOn: (port: number) => Promise<Running>): Promise<ChildService> => {
  const port = await freePort();
  let running: Running | undefined;
  let isStopped = false;
  const signal = (name: NodeJS.Signals): void => {
    if (running) sendSignal(running.pid, name);
  };
  const start = async (): Promise<void> => {
    if (isStopped) return;
    const started = await startOn(port);
    running = started;
    endWithThisProcess(started);
    void started.exited.then(() => {
      if (running === started) running = undefined;
    });
  };
  const kill = async (): Promise<void> => {
    const { exited } = running ?? {};
    signal("SIGKILL");
    await exited;
  };
  return {
    port,
    pid: () => running?.pid,
    signal,
    kill,
    start,
    killAndRestart: async () => {
      await kill();
      await start();
    },
    stop: async () => {
      isStopped = true;
      signal("SIGCONT"); // Suspended, it would not hear what comes.
      await running?.stop();
    },
  };
};

export const startService = async (startOn: (port: number) => Promise<Running>): Promise<ChildService> => {
  const service = await planService(startOn);
  await service.start();
  return service;
};
