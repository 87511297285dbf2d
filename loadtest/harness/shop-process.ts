import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { endChildWithThisProcess } from "./end-with-process.ts";
import { outputOf, stdoutOf } from "./output-of.ts";
import { untilPrinted } from "./until-printed.ts";

const START_TIMEOUT_MS = 60_000;
/** The command behind `npm start`. */
export const LAUNCHER = [process.execPath, join(import.meta.dirname, "../../functions/local/launcher.ts")];

/** A real server process, started as `npm start` starts it. */
export interface ShopProcess {
  readonly url: string;
  readonly pid: number;
  /** Everything it wrote so far, both streams. */
  readonly output: () => string;
  /** Everything on its standard output so far. */
  readonly stdout: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Resolves when nothing more can come from it. */
  readonly closed: Promise<unknown>;
}

/** Starts the shop on a free port and waits until it is open. @param timeout milliseconds */
export const startShop = (
  environment: Record<string, string>,
  timeout = START_TIMEOUT_MS,
): Promise<ShopProcess> => startCommand(LAUNCHER, environment, { timeout });

/** Starts a command that opens a shop, and waits until it is open. @param timeout milliseconds */
export const startCommand = async (
  command: readonly string[],
  environment: Record<string, string>,
  { cwd = process.cwd(), timeout = START_TIMEOUT_MS } = {},
): Promise<ShopProcess> => {
  const child = spawnShop(
    command,
    { ...inherited(), LOG_LEVEL: "INFO", CATALOG_SIZE: "50", ...environment },
    { cwd },
  );
  const output = outputOf(child);
  const stdout = stdoutOf(child);
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal ?? 0));
  });
  const closed = once(child, "close");
  const url = await untilOpen(child, timeout).catch((error: Error) => {
    child.kill("SIGKILL");
    throw error;
  });
  return {
    url,
    pid: child.pid as number,
    output,
    stdout,
    kill: (signal) => child.kill(signal),
    exited,
    closed,
  };
};

/**
 * Starts a command that opens a shop, on a free port unless the environment names one. With this process it ends in
 * peace, so that it ends what it has started itself.
 */
export const spawnShop = (
  [program = "", ...parameters]: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  { cwd, stdio = ["ignore", "pipe", "pipe"] }: { cwd?: string; stdio?: StdioOptions } = {},
): ChildProcess => {
  const child = spawn(program, parameters, { cwd, env: { PORT: "0", ...environment }, stdio });
  endChildWithThisProcess(child, "SIGTERM");
  return child;
};

/** The address of a shop, once it has opened. @throws Error with what it printed, when it does not */
export const untilOpen = (child: ChildProcess, timeoutMs: number): Promise<string> =>
  untilPrinted(child, /The shop is open at (\S+)\s/, { name: "The shop", timeoutMs });

/** This process's environment, without the database of its tests. */
export const inherited = (): NodeJS.ProcessEnv => {
  const { DYNAMODB_ENDPOINT: _, TABLE_PREFIX: __, ...rest } = process.env;
  return rest;
};
