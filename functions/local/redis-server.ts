import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { endChild } from "./engine.ts";
import { freePort } from "./ports.ts";
import { commandOf } from "./processes.ts";

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 1_000;
const POLL_MS = 20;

export interface LocalRedis {
  readonly url: string;
  readonly pid: number;
  /** Resolves when it is gone, stopped or not. */
  readonly exited: Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface RedisOptions {
  /** Where Redis notes its process id while it runs. */
  readonly pidFile?: string;
  /** A free one when left out. */
  readonly port?: number;
  /** Further settings, or others than a cache's. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts a `redis-server` found on the PATH on a loopback port, as a cache that keeps nothing on disk.
 *
 * @returns undefined when there is none to start, or it does not come up
 */
export const startRedis = async (options: RedisOptions = {}): Promise<LocalRedis | undefined> => {
  const port = options.port ?? (await freePort());
  const settings = {
    port,
    bind: "127.0.0.1",
    save: "",
    appendonly: "no",
    maxmemory: "256mb",
    "maxmemory-policy": "allkeys-lru",
    ...(options.pidFile && { pidfile: options.pidFile }),
    ...options.settings,
  };
  const parameters = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  // Detached: Ctrl-C reaches a terminal's whole process group, and Redis must outlive the drain of the server.
  // In the folder for temporary files, by which one that outlives a test is known: its environment can't be read.
  const child = spawn("redis-server", parameters, { stdio: "ignore", detached: true, cwd: tmpdir() });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const isUp = await Promise.race([exited.then(() => false), untilAnswering(port)]);
  if (!isUp || child.pid === undefined) {
    child.kill("SIGKILL");
    return undefined;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid,
    exited,
    stop: () => endChild(child, exited),
  };
};

const untilAnswering = async (port: number): Promise<boolean> => {
  for (const giveUpAt = Date.now() + START_TIMEOUT_MS; Date.now() < giveUpAt; await sleep(POLL_MS)) {
    if (/^(\+PONG|-NOAUTH)/.test(await ask(port, "PING"))) return true;
  }
  return false;
};

/** Whether a Redis answers on a loopback port. */
export const answersPing = async (port: number): Promise<boolean> =>
  (await ask(port, "PING")).startsWith("+PONG");

/**
 * Shuts down the Redis of a launcher that was killed. The file's process id may have passed on to another
 * program, or to somebody else's Redis: only a server that says itself that the file is its own is shut down.
 */
export const shutDownLeftoverRedis = async (pidFile: string): Promise<void> => {
  const pid = Number(await readFile(pidFile, "utf8").catch(() => ""));
  if (!Number.isSafeInteger(pid) || pid < 1) return;
  const port = Number(/redis-server 127\.0\.0\.1:(\d+)/.exec(commandOf(pid))?.[1]);
  if (!port || !(await ask(port, "CONFIG GET pidfile")).split("\r\n").includes(pidFile)) return;
  console.error(`Stopping the Redis that a killed process left running (pid ${pid})`);
  await ask(port, "SHUTDOWN NOSAVE");
  for (const giveUpAt = Date.now() + STOP_TIMEOUT_MS; Date.now() < giveUpAt; await sleep(POLL_MS)) {
    if (!(await answersPing(port))) return;
  }
};

/** The answer of the Redis on a loopback port to an inline command; empty when none comes in time. */
const ask = (port: number, command: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${command}\r\n`));
    const end = (answer: string): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => end(""));
    socket.once("data", (answer) => end(answer.toString()));
    socket.once("close", () => end(""));
    socket.once("error", () => end(""));
  });
