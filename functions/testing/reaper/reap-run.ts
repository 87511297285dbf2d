import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { describeLeftovers, endLeftovers, filesIn, makeFolder, PATIENCE_MS } from "./leftovers.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** For the run's temporary files; its processes are known by it. */
    readonly runFolder: string;
    /** Milliseconds for processes to end by themselves, where a suite sets them. */
    readonly patienceMs?: number;
  }
}

const BUN = join(import.meta.dirname, "..", "..", "..", "node_modules", "bun", "bin", "bun.exe");

/** Each project loads this file anew, and the run is one. */
const shared = globalThis as { testRunFolder?: string };

/** Fails a test run when something that it started is still there at the end. */
export const setup = (project: TestProject): (() => Promise<void>) | undefined => {
  const isFirst = shared.testRunFolder === undefined;
  const folder = (shared.testRunFolder ??= beginRun());
  project.provide("runFolder", folder);
  if (!isFirst) return undefined;
  return async () => {
    saySkipped(project);
    const processes = await endLeftovers(folder, project.getProvidedContext().patienceMs ?? PATIENCE_MS);
    // The folder of a file whose tests were all skipped is still there, and empty.
    const files = filesIn(folder).flatMap(filesIn);
    rmSync(folder, { recursive: true, force: true });
    if (processes.length + files.length === 0) return;
    throw new Error(`The test run left behind, until now:\n${describeLeftovers(processes, files)}`);
  };
};

const beginRun = (): string => {
  const folder = makeFolder(tmpdir(), "stampede-tests");
  // Detached, because Ctrl-C reaches the whole process group.
  const watch = spawn(BUN, [join(import.meta.dirname, "watch-run.ts"), folder], {
    stdio: ["pipe", "ignore", "inherit"],
    detached: true,
  });
  watch.unref();
  // Node's pipes keep a process running, Bun's do not and have no such method.
  (watch.stdin as Partial<Socket> | null)?.unref?.();
  // The pipe stays open as long as somebody knows it.
  process.once("exit", () => watch.stdin?.destroy());
  process.env.TMPDIR = folder;
  return folder;
};

/** After everything else that the run says, where nobody overlooks it. */
const saySkipped = ({ vitest, config }: TestProject): void => {
  if (config.testNamePattern) return;
  const lines = vitest.state.getTestModules().flatMap(({ relativeModuleId, children }) => {
    const count = [...children.allTests("skipped")].length;
    return count > 0 ? [`  ${relativeModuleId}: ${count}`] : [];
  });
  if (lines.length === 0) return;
  process.stdout.write(`SKIPPED tests, by file (.ci/run installs what they need):\n${lines.join("\n")}\n`);
};
