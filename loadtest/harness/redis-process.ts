import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endWithTests } from "./end-with-tests.ts";
import { freePort, untilListening } from "./ports.ts";

/** A real Redis on a loopback port that stays its own through every restart. */
export interface RedisProcess {
  readonly port: number;
  readonly url: string;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Ends it as by `kill -9` and waits until it is gone. */
  readonly kill: () => Promise<void>;
  /** Starts it again, empty, on the same port. */
  readonly restart: () => Promise<void>;
  /** Output of `redis-cli` for a command. */
  readonly cli: (...command: string[]) => string;
}

/** A Redis that is not there yet: `restart` starts it. It ends with the test file. */
export const plannedRedis = (port: number, ...parameters: string[]): RedisProcess => {
  const dir = mkdtempSync(join(tmpdir(), "stampede-redis-"));
  const always = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", dir];
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };
  endWithTests(async () => {
    await kill();
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    signal: (name) => child?.kill(name),
    kill,
    restart: async () => {
      child = spawn("redis-server", [...always, ...parameters], { stdio: "ignore" });
      await untilListening("redis-server", port);
    },
    cli: (...command) => {
      const { stdout, stderr } = spawnSync("redis-cli", ["-p", String(port), ...command], {
        encoding: "utf8",
      });
      return stdout + stderr;
    },
  };
};

/** Starts a Redis on a free port. @param parameters as on its command line */
export const startRedis = async (...parameters: string[]): Promise<RedisProcess> => {
  const redis = plannedRedis(await freePort(), ...parameters);
  await redis.restart();
  return redis;
};
