import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test, vi } from "vitest";
import { openPrograms } from "./programs.ts";

/** A program that runs until it is ended. */
const startProgram = () => {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return { pid: child.pid ?? 0, ended: once(child, "exit").then(([, signal]) => signal as string) };
};

test("a stopped program is down until it is wanted again, and its number is left alone", async () => {
  const programs = openPrograms();
  const { pid, ended } = startProgram();
  programs.note("redis", pid);
  expect(programs.act("redis", "stop")).toBe(true);
  expect(await ended).toBe("SIGKILL");
  const signals = vi.spyOn(process, "kill");
  for (const action of ["kill", "freeze", "stop"] as const) expect(programs.act("redis", action)).toBe(true);
  expect(signals).not.toHaveBeenCalled();
  signals.mockRestore();
  expect(programs.states()).toEqual({ redis: "down" });

  let isWanted = false;
  const wanted = programs.untilWanted("redis").then(() => {
    isWanted = true;
  });
  await Promise.resolve();
  expect(isWanted).toBe(false);
  programs.act("redis", "start");
  await wanted;
  programs.note("redis", startProgram().pid);
  expect(programs.states()).toEqual({ redis: "up" });
});

test("a killed program may come back at once", async () => {
  const programs = openPrograms();
  const { pid, ended } = startProgram();
  programs.note("dynamodb", pid);
  programs.act("dynamodb", "kill");
  expect(await ended).toBe("SIGKILL");
  await programs.untilWanted("dynamodb");
});

test("a frozen program goes on, or is killed as it is", async () => {
  const programs = openPrograms();
  const { pid, ended } = startProgram();
  programs.note("redis", pid);
  programs.act("redis", "freeze");
  expect(programs.states()).toEqual({ redis: "frozen" });
  programs.releaseAll();
  expect(programs.states()).toEqual({ redis: "up" });
  programs.act("redis", "freeze");
  programs.act("redis", "kill");
  expect(await ended).toBe("SIGKILL");
});

test("there is no program that was not noted", () => {
  expect(openPrograms().act("redis", "kill")).toBe(false);
});
