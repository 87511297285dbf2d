import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { commandOf, hasEnded, sendSignal } from "./processes.ts";

/** @returns a process that asks nobody how its child ended, and that child's id */
const startParent = async () => {
  const parent = spawn("sh", ["-c", "sleep 600 & echo $!; exec sleep 601"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  endWithTests(() => parent.kill("SIGKILL"));
  const [printed] = await once(parent.stdout, "data");
  const child = Number(printed);
  endWithTests(() => sendSignal(child, "SIGKILL"));
  return { parent, child };
};

test("a process has ended once it is killed, whether or not its parent has asked how", async () => {
  const { parent, child } = await startParent();
  await vi.waitFor(() => expect(commandOf(parent.pid ?? 0)).toBe("sleep 601"), { timeout: 30_000 });
  expect(hasEnded(child)).toBe(false);
  process.kill(child, "SIGKILL");
  await vi.waitFor(() => expect(hasEnded(child)).toBe(true), { timeout: 30_000 });
  expect(hasEnded(parent.pid ?? 0)).toBe(false);
  const gone = once(parent, "exit");
  parent.kill("SIGKILL");
  await gone;
  expect(hasEnded(parent.pid ?? 0)).toBe(true);
});

test.runIf(process.platform === "linux")("one has not while a thread of it goes on", async () => {
  const leave = `
    import { dlopen } from "bun:ffi";
    setInterval(() => {}, 1_000);
    const { symbols } = dlopen("libc.so.6", { pthread_exit: { args: ["ptr"], returns: "void" } });
    symbols.pthread_exit(null);`;
  const child = spawn(process.execPath, ["-e", leave], { stdio: "ignore" });
  const { pid = 0 } = child;
  endWithTests(() => sendSignal(pid, "SIGKILL"));
  await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, "utf8")).toMatch(/\) Z /), {
    timeout: 30_000,
  });
  expect(hasEnded(pid)).toBe(false);
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
  expect(hasEnded(pid)).toBe(true);
});
