import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { outputOf } from "../../../loadtest/harness/output-of.ts";

const VITEST = join(import.meta.dirname, "..", "..", "..", "node_modules", "vitest", "vitest.mjs");
const CONFIG = join(import.meta.dirname, "leaky", "vitest.config.ts");

/** Runs the tests that leave things behind. */
const startLeakyRun = (leakAnd: "pass" | "fail" | "hang") => {
  const child = spawn(process.execPath, ["--bun", VITEST, "run", "--pool=threads", "--config", CONFIG], {
    env: { ...process.env, LEAK_AND: leakAnd, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = outputOf(child);
  const leakedPid = (): number => Number(/leaked (\d+)/.exec(output())?.[1] ?? Number.NaN);
  return { child, ended: once(child, "close"), output, leakedPid };
};

/** A process that has ended has no command line, though its entry stays until its parent asks. */
const isRunning = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
const foldersLeft = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith("stampede-tests-"));

test.runIf(process.platform === "linux").each(["pass", "fail"] as const)(
  "ends what tests that %s leave behind, names it, and fails the run",
  async (leakAnd) => {
    const run = startLeakyRun(leakAnd);
    const [code] = await run.ended;
    expect(code).toBe(1);
    expect(run.output()).toContain("left behind, until now:");
    for (const seconds of [600, 601])
      expect(run.output()).toMatch(new RegExp(`sleep ${seconds} \\(pid \\d+, of leaky\\.ts-`));
    expect(run.output()).toMatch(/stampede-tests-\S+leaked-/);
    expect(isRunning(run.leakedPid())).toBe(false);
    expect(foldersLeft()).toEqual([]);
  },
);

test.runIf(process.platform === "linux").each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
  "ends what is there when a run gets %s",
  async (signal) => {
    const run = startLeakyRun("hang");
    await vi.waitFor(() => expect(isRunning(run.leakedPid())).toBe(true), { timeout: 25_000 });
    run.child.kill(signal);
    await run.ended;
    await vi.waitFor(
      () => {
        expect(isRunning(run.leakedPid())).toBe(false);
        expect(foldersLeft()).toEqual([]);
      },
      { timeout: 25_000 },
    );
  },
);
