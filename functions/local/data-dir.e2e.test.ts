import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { claimElsewhere, endAfterTests, killNow, noteOwner, tempDataDir } from "../testing/data-dirs.ts";
import { claimDataDir } from "./data-dir.ts";
import { startEngine } from "./engine.ts";
import { runningServices } from "./owner.ts";
import { freePort } from "./ports.ts";
import { startOf } from "./processes.ts";
import { startRedis } from "./redis-server.ts";

vi.setConfig({ testTimeout: 180_000 }); // Whole processes, however busy the machine is.

const ENGINE = { pid: 1, endpoint: "http://127.0.0.1:4567" };
const GARBAGE = ["", '{"pid":', "null", "[]", '{"pid":"1"}', '{"pid":-1,"started":"0"}', "\u0000".repeat(9)];

const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

const isAlive = (pid = 0): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("a directory is made, claimed and released", async () => {
  const dir = join(await tempDataDir(), "new");
  const claimed = await claimDataDir(dir);
  const owner = JSON.parse(await readFile(join(dir, "owner.json"), "utf8"));
  expect(owner).toEqual({ pid: process.pid, started: startOf(process.pid) });
  await claimed.release();
  expect(existsSync(join(dir, "owner.json"))).toBe(false);
  await (await claimDataDir(dir)).release();
});

test("one of three processes that start at once gets the directory, whatever a killed one left", async () => {
  const dir = await tempDataDir();
  for (let round = 0; round < 6; round++) {
    const claims = await Promise.all([1, 2, 3].map(() => claimElsewhere(dir)));
    const [winner, ...others] = claims.filter(({ outcome }) => outcome === "claimed");
    expect(others, claims.map(({ outcome }) => outcome).join("\n")).toEqual([]);
    if (!winner) throw new Error("Nobody got the directory");
    for (const { child, outcome } of claims) {
      if (child === winner.child) continue;
      expect(outcome).toContain(`Process ${winner.child.pid} already works on this data directory`);
      expect(outcome).toContain("DATA_DIR=another-folder");
    }
    await killNow(winner.child);
    expect(existsSync(join(dir, "owner.json"))).toBe(true);
  }
});

test("the refusal says how to share what the owner has started", async () => {
  const dir = await tempDataDir();
  const claimed = await claimDataDir(dir);
  await claimed.note({ engine: ENGINE, redis: { pid: 2, url: "redis://127.0.0.1:4568" } });
  const { outcome } = await claimElsewhere(dir);
  expect(outcome).toContain(`DYNAMODB_ENDPOINT=${ENGINE.endpoint} REDIS_URL=redis://127.0.0.1:4568`);
  await claimed.release();
});

test.each(GARBAGE)("an owner file with %j names nobody", async (content) => {
  const dir = await tempDataDir();
  await writeFile(join(dir, "owner.json"), content);
  expect(await runningServices(dir)).toEqual({});
  await (await claimDataDir(dir)).release();
});

test("the services of a living launcher are found, and not those of a process that got its id", async () => {
  const dir = await tempDataDir();
  const { pid } = await noteOwner(dir, { engine: ENGINE });
  expect(await runningServices(dir)).toMatchObject({ engine: ENGINE });
  await writeFile(join(dir, "owner.json"), JSON.stringify({ pid, started: "1", engine: ENGINE }));
  expect(await runningServices(dir)).toEqual({});
  await (await claimDataDir(dir)).release();
  expect(isAlive(pid)).toBe(true);
});

test("a lock file that is no lock is refused, with what to do", async () => {
  const dir = await tempDataDir();
  await writeFile(join(dir, "lock"), "garbage".repeat(100));
  await expect(claimDataDir(dir)).rejects.toThrow(/cannot be locked.*lock is no empty file, remove it/s);
});

test("an engine left over by a killed owner is stopped, by whatever path the directory is reached", async () => {
  const folder = await tempDataDir();
  await mkdir(join(folder, "data"));
  await symlink(join(folder, "data"), join(folder, "link"));
  const claimed = await claimDataDir(join(folder, "data"));
  const engine = await startEngine(claimed.databaseFile);
  process.kill(engine.pid, "SIGSTOP"); // One that hangs has to be ended by force.
  await claimed.release();
  const again = await claimDataDir(join(folder, "link"));
  await engine.exited;
  await again.release();
});

test.runIf(hasRedis)("a Redis left over by a killed owner is stopped", async () => {
  const dir = await tempDataDir();
  const claimed = await claimDataDir(dir);
  const redis = await startRedis({ pidFile: claimed.redisPidFile });
  await vi.waitFor(() => expect(existsSync(claimed.redisPidFile)).toBe(true), 10_000);
  await claimed.release();
  const again = await claimDataDir(dir);
  await redis?.exited;
  await again.release();
});

test.runIf(hasRedis)(
  "a Redis of somebody else's that got the old one's process id is left alone",
  async () => {
    const [dir, elsewhere] = [await tempDataDir(), await tempDataDir()];
    const foreign = await startRedis({ pidFile: join(elsewhere, "redis.pid") });
    await writeFile(join(dir, "redis.pid"), String(foreign?.pid));
    await (await claimDataDir(dir)).release();
    expect(isAlive(foreign?.pid)).toBe(true);
    await foreign?.stop();
  },
);

test("a program that calls itself a Redis and says nothing is left alone", async () => {
  const dir = await tempDataDir();
  const port = await freePort();
  const silent = createServer(() => undefined).listen(port, "127.0.0.1");
  await once(silent, "listening");
  const other = endAfterTests(spawn("sleep", ["60"], { argv0: `redis-server 127.0.0.1:${port}` }));
  await writeFile(join(dir, "redis.pid"), String(other.pid));
  await (await claimDataDir(dir)).release();
  expect(isAlive(other.pid)).toBe(true);
  silent.close();
});

test.each(["", "-1", "0", "1", "4194305", "1e3", "garbage", "99999999999999999999"])(
  "a Redis process id of %j stops nothing",
  async (content) => {
    const dir = await tempDataDir();
    await writeFile(join(dir, "redis.pid"), content);
    await (await claimDataDir(dir)).release();
  },
);
