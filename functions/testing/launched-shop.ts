import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";

const MAIN = join(import.meta.dirname, "..", "local", "launcher.ts");
const START_TIMEOUT_MS = 60_000;

/** The shop as a process of its own, with an embedded database of its own. */
export interface Launched {
  readonly url: string;
  /** Its standard output so far. */
  readonly stdout: () => string;
  readonly engine: { readonly pid: number; readonly endpoint: string };
  /** Of the process with DynamoDB's limits that runs now, where it has one. */
  readonly limitsPid: () => number | undefined;
  /** Ends it as Ctrl-C does, and removes its data; the exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Starts the shop as `npm start` does, on a free port, and waits until it is open. */
export const launch = async (environment: Readonly<Record<string, string>>): Promise<Launched> => {
  const dir = mkdtempSync(join(tmpdir(), "stampede-launched-"));
  const { DYNAMODB_ENDPOINT: _, TABLE_PREFIX: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN], {
    env: { ...inherited, PORT: "0", DATA_DIR: dir, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].on("data", (chunk: Buffer) => {
      output[stream] += chunk.toString();
    });
  }
  const stop = async (): Promise<number | null> => {
    child.kill("SIGINT");
    const code = await exited;
    rmSync(dir, { recursive: true, force: true });
    return code;
  };
  try {
    const url = await vi.waitFor(
      () => {
        const opened = /The shop is open at (\S+)/.exec(output.stderr)?.[1];
        if (!opened) throw new Error(`The shop did not open:\n${output.stderr}`);
        return opened;
      },
      { timeout: START_TIMEOUT_MS, interval: 20 },
    );
    const services = () => JSON.parse(readFileSync(join(environment.DATA_DIR ?? dir, "owner.json"), "utf8"));
    const { engine } = services();
    return { url, stdout: () => output.stdout, engine, limitsPid: () => services().limits?.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
