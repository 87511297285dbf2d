import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";

const START_TIMEOUT_MS = 15_000;
const POLL_MS = 20;

/** An embedded DynamoDB outside the shop, so that a proxy can stand between them. */
export interface EngineProcess {
  readonly port: number;
  readonly endpoint: string;
  readonly isRunning: () => boolean;
  /** Ends it as by `kill -9` and starts it again on the same file and port. */
  readonly killAndRestart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const startEngine = async (databaseFile: string): Promise<EngineProcess> => {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(engineProgram(), ["--port", String(port), "--db-path", databaseFile], { stdio: "ignore" });
    child.on("error", () => undefined); // untilReady tells.
    await untilReady(endpoint);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  };
  try {
    await start();
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
  return {
    port,
    endpoint,
    isRunning: () => child?.exitCode === null && child.signalCode === null,
    killAndRestart: async () => {
      await end("SIGKILL");
      await start();
    },
    stop: () => end("SIGTERM"),
  };
};

/** The npm package for this platform, else what the PATH has. */
const engineProgram = (): string => {
  try {
    const name = `@dynoxide/${process.platform}-${process.arch}/package.json`;
    return join(dirname(createRequire(import.meta.url).resolve(name)), "dynoxide");
  } catch {
    return "dynoxide";
  }
};

const untilReady = async (endpoint: string): Promise<void> => {
  for (const giveUpAt = Date.now() + START_TIMEOUT_MS; Date.now() < giveUpAt; await Bun.sleep(POLL_MS)) {
    if (await fetch(endpoint).catch(() => undefined)) return;
  }
  throw new Error("The embedded DynamoDB did not start");
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address ? resolve(address.port) : reject()));
    });
  });
