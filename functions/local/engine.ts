import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { indexStreamRecords } from "./database-file.ts";
import { freePort } from "./ports.ts";
import { isDiskFull, StartError } from "./start-error.ts";

const START_TIMEOUT_MS = 15_000;
/** For a program to end when it is asked to. */
export const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 20;

export interface Engine {
  readonly endpoint: string;
  readonly pid: number;
  /** Resolves when the engine is gone, stopped or not. */
  readonly exited: Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Thrown when this platform has no embedded engine; the message says what to do instead. */
export class EngineMissingError extends StartError {
  override readonly name = "EngineMissingError";
}

const platformPackage = `@dynoxide/${process.platform}-${process.arch}`;

/** The engine's program: the npm package for this platform, else `dynoxide` on the PATH. */
export const engineProgram = (): string => {
  const program = process.platform === "win32" ? "dynoxide.exe" : "dynoxide";
  try {
    const manifest = createRequire(import.meta.url).resolve(`${platformPackage}/package.json`);
    return join(dirname(manifest), program);
  } catch {
    const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, program));
    const found = onPath.find((candidate) => existsSync(candidate));
    if (found) return found;
  }
  throw new EngineMissingError(
    `There is no embedded DynamoDB for ${process.platform}-${process.arch}: run \`docker compose up -d\` and set ` +
      "DYNAMODB_ENDPOINT=http://127.0.0.1:8000, or put a `dynoxide` program on the PATH.",
  );
};

export interface EngineOptions {
  /** A loopback address; 127.0.0.1 when left out. */
  readonly host?: string;
  /** A free one when left out. */
  readonly port?: number;
  /** The embedded engine when left out. */
  readonly program?: string;
  /** Until it answers. */
  readonly timeoutMs?: number;
}

/**
 * Starts the embedded DynamoDB on a loopback port and waits until it answers.
 *
 * @param databaseFile where it keeps its data; in memory when left out
 * @throws StartError when it ends, or does not answer in time; then it has been killed
 */
export const startEngine = async (databaseFile?: string, options: EngineOptions = {}): Promise<Engine> => {
  if (databaseFile) await prepareDatabase(databaseFile, options);
  return launch(databaseFile, options);
};

/** Gives a database file its index of stream records, and makes it first where there is none. */
const prepareDatabase = async (file: string, { port: _, ...options }: EngineOptions): Promise<void> => {
  // The engine gives a new file its tables; only then can they have an index, and only while it is closed.
  if (!existsSync(file)) await (await launch(file, options)).stop();
  indexStreamRecords(file);
};

const launch = async (databaseFile: string | undefined, options: EngineOptions): Promise<Engine> => {
  const { host = "127.0.0.1", program = engineProgram(), timeoutMs = START_TIMEOUT_MS } = options;
  const port = options.port ?? (await freePort());
  const storage = databaseFile ? ["--db-path", databaseFile] : [];
  const child = spawn(program, ["--host", host, "--port", String(port), ...storage], {
    stdio: ["ignore", "ignore", "pipe"],
    // Ctrl-C reaches a terminal's whole process group; the engine must outlive the drain of the server.
    detached: true,
  });
  let complaints = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2_000);
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const endpoint = `http://${host}:${port}`;
  await untilReady(endpoint, child, timeoutMs, () => complaints);
  return { endpoint, pid: child.pid ?? 0, exited, stop: () => endChild(child, exited) };
};

const untilReady = async (
  endpoint: string,
  child: ChildProcess,
  timeoutMs: number,
  complaints: () => string,
): Promise<void> => {
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  for (const giveUpAt = Date.now() + timeoutMs; Date.now() < giveUpAt; ) {
    if (failure) throw failure;
    if (child.exitCode !== null || child.signalCode !== null) throw notStarted(child, complaints());
    const answered = await fetch(endpoint, {
      signal: AbortSignal.timeout(1_000),
    }).catch(() => undefined);
    if (answered) return;
    await sleep(POLL_MS);
  }
  child.kill("SIGKILL");
  throw new StartError(
    `The embedded DynamoDB did not answer within ${timeoutMs / 1000} s: the machine is too busy, or the ` +
      `program hangs. Start again.\n${complaints()}`,
  );
};

const notStarted = ({ exitCode, signalCode }: ChildProcess, complaints: string): StartError =>
  new StartError(
    `The embedded DynamoDB ended at once (${exitCode ?? signalCode}): ${complaints}` +
      // SQLite's message when it cannot write even its first pages.
      (isDiskFull({ message: complaints }) || complaints.includes("disk I/O error")
        ? "\nProbably there is no room left for its data: free some space, or start with another DATA_DIR."
        : ""),
  );

/** Ends a program started here, by force if it does not end in time. */
export const endChild = async (
  child: ChildProcess,
  exited: Promise<void>,
  patienceMs = STOP_TIMEOUT_MS,
): Promise<void> => {
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await exited;
  clearTimeout(force);
};
