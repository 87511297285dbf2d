import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { endChildWithThisProcess } from "./end-with-process.ts";

const START_TIMEOUT_MS = 60_000;
const MAIN = join(import.meta.dirname, "..", "..", "functions", "local", "launcher.ts");

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
): Promise<ShopProcess> => startCommand([process.execPath, MAIN], process.cwd(), environment, timeout);

/** Starts a command that opens a shop, in a folder, and waits until it is open. */
export const startCommand = async (
  [program = "", ...parameters]: readonly string[],
  cwd: string,
  environment: Record<string, string>,
  timeout = START_TIMEOUT_MS,
): Promise<ShopProcess> => {
  const { DYNAMODB_ENDPOINT: _, TABLE_PREFIX: __, ...inherited } = process.env;
  const child = spawn(program, parameters, {
    cwd,
    env: { ...inherited, PORT: "0", LOG_LEVEL: "INFO", CATALOG_SIZE: "50", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  endChildWithThisProcess(child, "SIGTERM"); // In peace, so that it ends what it has started itself.
  let output = "";
  let stdout = "";
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal ?? 0));
  });
  const closed = once(child, "close");
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`The shop did not open:\n${output}`));
    }, timeout);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const opened = /The shop is open at (\S+)/.exec(output);
      if (opened?.[1]) {
        clearTimeout(timer);
        resolve(opened[1]);
      }
    };
    child.stdout.on("data", read).on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on("data", read);
    void exited.then((code) => reject(new Error(`The shop ended with ${code}:\n${output}`)));
  });
  return {
    url,
    pid: pidOf(child),
    output: () => output,
    stdout: () => stdout,
    kill: (signal) => child.kill(signal),
    exited,
    closed,
  };
};

const pidOf = ({ pid }: ChildProcess): number => {
  if (pid === undefined) throw new Error("The process has no id");
  return pid;
};
