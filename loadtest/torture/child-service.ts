import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";

const START_TIMEOUT_MS = 15_000;
const POLL_MS = 10;

/** A program that listens on one loopback port through all its restarts. */
export interface ChildService {
  readonly port: number;
  /** Ends it as by `kill -9` and starts it again. */
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
  const start = async (): Promise<void> => {
    if (isStopped) return;
    child = spawn(program, parametersFor(port), { stdio: "ignore" });
    child.on("error", () => undefined); // It never listens, and that is told.
    await untilListening(program, port);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
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
    killAndRestart: async () => {
      await end("SIGKILL");
      await start();
    },
    stop: () => {
      isStopped = true;
      return end("SIGTERM");
    },
  };
};

const untilListening = async (program: string, port: number): Promise<void> => {
  for (const giveUpAt = Date.now() + START_TIMEOUT_MS; Date.now() < giveUpAt; await Bun.sleep(POLL_MS)) {
    const isListening = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (isListening) return;
  }
  throw new Error(`${program} did not start`);
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
