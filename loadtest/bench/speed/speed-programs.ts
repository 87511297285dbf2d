import { spawn, spawnSync } from "node:child_process";
import { open, readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { endChild } from "../../harness/end-politely.ts";
import { endChildWithThisProcess } from "../../harness/end-with-process.ts";
import { type Program, startServer as startServerIn } from "../../harness/server-process.ts";
import { LAUNCHER, spawnShop, untilOpen } from "../../harness/shop-process.ts";
import { untilPrinted } from "../../harness/until-printed.ts";

/** A million products take minutes to make. */
const START_TIMEOUT_MS = 600_000;
const GO_SOURCE = join(import.meta.dirname, "go", "main.go");

/**
 * For tests: on a machine that does other work, the embedded database may take longer than the default to answer, and
 * a circuit that opens for it says nothing about admission.
 */
export const PATIENT = { DYNAMODB_TIMEOUT_MS: "10000", PAYMENT_TIMEOUT_MS: "10000" };

export interface ShopProgram extends Program {
  /** Of the database and Redis, which the launcher starts beside it. */
  readonly servicePids: readonly number[];
  /** Environment of another process on the same database and Redis. */
  readonly environment: Readonly<Record<string, string>>;
  /** Empties the log, which grows by gigabytes otherwise. */
  readonly emptyLog: () => Promise<void>;
}

/**
 * Starts the shop of this working tree with every setting at its default, as `npm start >shop.log` does, and waits
 * until it is healthy.
 *
 * @param flags of the runtime, such as for a profile
 */
export const startDefaultShop = async (
  dir: string,
  environment: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<ShopProgram> => {
  const dataDir = join(dir, "data");
  const log = join(dir, "shop.log");
  const file = await open(log, "a");
  const [program = "", launcher = ""] = LAUNCHER;
  const child = spawnShop(
    [program, ...flags, launcher],
    { ...needed(), DATA_DIR: dataDir, ...environment },
    { cwd: dir, stdio: ["ignore", file.fd, "pipe"] },
  );
  try {
    const url = await untilOpen(child, START_TIMEOUT_MS);
    await untilOk(url, "/health");
    const { engine, redis } = JSON.parse(await readFile(join(dataDir, "owner.json"), "utf8"));
    if (!redis) throw new Error("redis-server is missing: apt-get install redis-server");
    return {
      url,
      pid: child.pid as number,
      servicePids: [engine.pid, redis.pid],
      environment: { DYNAMODB_ENDPOINT: engine.endpoint, REDIS_URL: redis.url },
      emptyLog: () => truncate(log),
      stop: async () => {
        if (!(await endChild(child))) return;
        // Killed, the launcher left them behind.
        for (const { pid } of [engine, redis]) endProcess(pid);
      },
    };
  } catch (error) {
    await endChild(child);
    throw error;
  } finally {
    await file.close();
  }
};

/** Starts a server alone on the database and Redis of a launcher. */
export const startServer = async ({ environment }: ShopProgram, dir: string): Promise<Program> => {
  const server = await startServerIn({ ...needed(), ...environment, DATA_DIR: join(dir, "server") });
  await untilOk(server.url, "/health");
  return server;
};

/** Starts a program that prints `PORT n` once it listens. */
export const startProgram = async (
  name: string,
  [program = "", ...parameters]: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Program> => {
  const child = spawn(program, parameters, {
    env: { ...needed(), ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  endChildWithThisProcess(child);
  try {
    const port = await untilPrinted(child, /^PORT (\d+)\n/m, { name, timeoutMs: START_TIMEOUT_MS });
    return {
      url: `http://127.0.0.1:${port}`,
      pid: child.pid as number,
      stop: async () => void (await endChild(child)),
    };
  } catch (error) {
    await endChild(child);
    throw error;
  }
};

/** Builds the Go yardstick without a network. @returns why that cannot be done here, if it cannot */
export const buildGo = (output: string): string | undefined => {
  const { status, error, stderr } = spawnSync("go", ["build", "-o", output, GO_SOURCE], {
    env: { ...needed(), GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOFLAGS: "" },
    encoding: "utf8",
  });
  if (status === 0) return undefined;
  const reason = error ? "go is missing" : stderr.trim().split("\n").at(-1);
  return `go is left out (${reason}): apt-get install golang-go golang-github-gorilla-mux-dev`;
};

/** Of the person's environment, what programs need to run at all: a CACHE_MODE set in a shell is not to be measured. */
export const needed = (): Record<string, string> =>
  Object.fromEntries(
    ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "USER"].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Asks again until the answer is 200. @throws Error when it takes too long */
export const untilOk = async (url: string, path: string): Promise<void> => {
  for (const giveUpAt = Date.now() + START_TIMEOUT_MS; ; await Bun.sleep(50)) {
    const response = await fetch(url + path);
    await response.arrayBuffer();
    if (response.ok) return;
    if (Date.now() > giveUpAt) throw new Error(`${path} still answers ${response.status}`);
  }
};

const endProcess = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
};
