import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe } from "vitest";

const START_TIMEOUT_MS = 10_000;
const POLL_MS = 10;

const closings: (() => unknown)[] = [];

// At the end of the file and in reverse: what was opened last may still use what was opened first.
afterAll(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** Has something closed at the end of the test file, wherever it was opened. */
export const closeAtEnd = (close: () => unknown): void => {
  closings.push(close);
};

/** A real Redis on a loopback port that stays its own through every restart. */
export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** Sends a signal; SIGSTOP hangs it as a machine out of breath would. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Ends it as by `kill -9` and waits until it is gone. */
  readonly kill: () => Promise<void>;
  /** Starts it again, empty, on the same port. */
  readonly restart: () => Promise<void>;
}

/**
 * A suite that needs a real Redis. Without one installed it is skipped loudly, or fails where
 * `REQUIRE_ALL_SUITES` says that nothing may be skipped.
 */
export const describeWithRedis = (name: string, suite: () => void): void => {
  const isMissing = spawnSync("redis-server", ["--version"]).status !== 0;
  if (isMissing && process.env.REQUIRE_ALL_SUITES) throw new Error(`${name}: redis-server is missing`);
  if (isMissing) {
    console.warn(`SKIPPED: ${name}, for lack of redis-server. Install it: apt-get install redis-server`);
  }
  describe.skipIf(isMissing)(name, suite);
};

/** Starts a Redis that ends with the test file. @param parameters as on its command line */
export const startTestRedis = async (...parameters: string[]): Promise<TestRedis> => {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), "stampede-redis-"));
  const always = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir];
  let child: ChildProcess;

  const start = async (): Promise<void> => {
    child = spawn("redis-server", [...always, ...parameters].map(String), { stdio: "ignore" });
    await untilListening(port);
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };
  await start();
  closeAtEnd(async () => {
    await kill();
    rmSync(dir, { recursive: true, force: true });
  });
  return { port, url: `redis://127.0.0.1:${port}`, signal: (name) => child.kill(name), kill, restart: start };
};

const freePort = async (): Promise<number> => {
  // Below the range from which outgoing connections take theirs, so that it stays free through a restart;
  // and with room for the port 10,000 above, which a cluster node takes as well.
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 12_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => resolve((probe.address() as AddressInfo).port === port));
    });
    if (isFree) {
      await new Promise((resolve) => probe.close(resolve));
      return port;
    }
  }
};

const untilListening = async (port: number): Promise<void> => {
  for (const giveUpAt = Date.now() + START_TIMEOUT_MS; Date.now() < giveUpAt; await sleep(POLL_MS)) {
    const isListening = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.unref();
      setTimeout(() => socket.destroy(), 500).unref();
    });
    if (isListening) return;
  }
  throw new Error(`No Redis came up on port ${port}`);
};
