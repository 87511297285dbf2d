import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { endWithThisProcess } from "./end-with-process.ts";
import { freePort, untilListening } from "./ports.ts";

/** A program that listens on one loopback port through all its restarts. */
export interface ChildService {
  readonly port: number;
  /** Of the process that runs now, if one does. */
  readonly pid: () => number | undefined;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Ends it as by `kill -9`. */
  readonly kill: () => Promise<void>;
  /** Starts it again once it was killed. */
  readonly start: () => Promise<void>;
  readonly killAndRestart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** @param parametersFor its command line for a port */
export const startService = async (
  program: string,
  parametersFor: (port: number) => string[],
): Promise<ChildService> => {
  const port = await freePort();
  let child: ChildProcess | undefined;
  let isStopped = false;
  const isRunning = (): boolean =>
    child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const start = async (): Promise<void> => {
    if (isStopped) return;
    child = spawn(program, parametersFor(port), { stdio: "ignore", detached: true });
    child.on("error", () => undefined); // It never listens, and the error says so.
    endWithThisProcess(child);
    await untilListening(program, port);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child || !isRunning()) return;
    const exited = once(child, "exit");
    child.kill("SIGCONT"); // Suspended, it would not hear what comes.
    child.kill(signal);
    await exited;
  };
  const kill = (): Promise<void> => end("SIGKILL");
  try {
    await start();
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    port,
    pid: () => (isRunning() ? child?.pid : undefined),
    signal: (signal) => child?.kill(signal),
    kill,
    start,
    killAndRestart: async () => {
      await kill();
      await start();
    },
    stop: () => {
      isStopped = true;
      return end("SIGTERM");
    },
  };
};
