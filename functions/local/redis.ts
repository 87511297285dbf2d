import { spawn } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./engine.ts";

const START_TIMEOUT_MS = 5_000;
const POLL_MS = 20;

export interface LocalRedis {
  readonly url: string;
  readonly pid: number;
  /** Resolves when it is gone, stopped or not. */
  readonly exited: Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a `redis-server` found on the PATH on a loopback port, as a cache that keeps nothing on disk.
 *
 * @param pidFile where Redis notes its process id while it runs
 * @param onPort a free one when left out
 * @returns undefined when there is none to start, or it does not come up
 */
export const startRedis = async (pidFile?: string, onPort?: number): Promise<LocalRedis | undefined> => {
  const port = onPort ?? (await freePort());
  const settings = {
    port,
    bind: "127.0.0.1",
    save: "",
    appendonly: "no",
    maxmemory: "256mb",
    "maxmemory-policy": "allkeys-lru",
    ...(pidFile && { pidfile: pidFile }),
  };
  const parameters = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  // Detached: Ctrl-C reaches a terminal's whole process group, and Redis must outlive the drain of the server.
  const child = spawn("redis-server", parameters, { stdio: "ignore", detached: true });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const isUp = await Promise.race([exited.then(() => false), untilListening(port)]);
  if (!isUp || child.pid === undefined) {
    child.kill("SIGKILL");
    return undefined;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid,
    exited,
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
};

const untilListening = async (port: number): Promise<boolean> => {
  for (const giveUpAt = Date.now() + START_TIMEOUT_MS; Date.now() < giveUpAt; await sleep(POLL_MS)) {
    if (await answersPing(port)) return true;
  }
  return false;
};

/** Whether a Redis answers on a loopback port. */
export const answersPing = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.once("data", (answer) => {
      socket.destroy();
      resolve(answer.toString().startsWith("+PONG"));
    });
    socket.once("error", () => resolve(false));
  });
