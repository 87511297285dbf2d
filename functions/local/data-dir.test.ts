import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claimDataDir, DataDirInUseError } from "./data-dir.ts";
import { startEngine } from "./engine.ts";

let dir: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "stampede-data-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("a directory is made, claimed and released", async () => {
  const claimed = await claimDataDir(join(dir, "new"));
  expect(JSON.parse(await readFile(join(dir, "new", "owner.json"), "utf8"))).toEqual({ pid: process.pid });
  await claimed.release();
  expect(existsSync(join(dir, "new", "owner.json"))).toBe(false);
});

test("a living owner is respected, and the message says what to do", async () => {
  // A process whose command line is that of the launcher.
  const owner = spawn("sleep", ["60"], { argv0: "functions/local/main.ts" });
  children.push(owner);
  const engine = { pid: 1, endpoint: "http://127.0.0.1:4567" };
  await writeFile(join(dir, "owner.json"), JSON.stringify({ pid: owner.pid, engine }));
  const claim = claimDataDir(dir);
  await expect(claim).rejects.toBeInstanceOf(DataDirInUseError);
  await expect(claim).rejects.toThrow("DYNAMODB_ENDPOINT=http://127.0.0.1:4567");
});

test("an engine left over by a killed owner is stopped, whether or not it was noted down", async () => {
  const { databaseFile } = await claimDataDir(dir);
  const engine = await startEngine(databaseFile);
  const gone = spawn("true");
  await new Promise((resolve) => gone.once("exit", resolve));
  await writeFile(join(dir, "owner.json"), JSON.stringify({ pid: gone.pid }));
  await claimDataDir(dir);
  await engine.exited;
});

test("another program that got the dead owner's process id is left alone and holds up nothing", async () => {
  const bystander = spawn("sleep", ["60"]);
  children.push(bystander);
  await writeFile(join(dir, "owner.json"), JSON.stringify({ pid: bystander.pid }));
  await claimDataDir(dir);
  expect(isAlive(bystander.pid ?? 0)).toBe(true);
});

test("an owner file cut in half is cleared away", async () => {
  await writeFile(join(dir, "owner.json"), '{"pid":');
  await expect(claimDataDir(dir)).resolves.toBeDefined();
});
