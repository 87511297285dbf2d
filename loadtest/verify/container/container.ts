import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { outputOf } from "../../harness/output-of.ts";
import type { Image } from "./image-build.ts";

const START_TIMEOUT_MS = 20_000;

/** The user `bun` of the base image. */
const UID = 1000;

/** A process id space of its own, the whole file system read-only, and no way back to being root. */
const CONFINED = [
  ...["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
  ...["sh", "-c", 'mount -o remount,bind,ro / && exec "$@"', "sh"],
  ...["setpriv", `--reuid=${UID}`, `--regid=${UID}`, "--clear-groups", "--"],
];

/** As much of a container as this machine and user can make of a process. */
export const canConfine = spawnSync(CONFINED[0] ?? "", [...CONFINED.slice(1), "true"]).status === 0;
const confinement = canConfine ? CONFINED : [];

export interface Container {
  readonly url: string;
  readonly output: () => string;
  /** Exit code of the image's health check, run beside the server. */
  readonly checkHealth: () => number | null;
  /** Numbers of the server's process: the host's first, then the container's own. */
  readonly processIds: () => readonly number[];
  readonly userId: () => number;
  /** Whether nothing can be written to its file system. */
  readonly isReadOnly: () => boolean;
  /** Sends the image's stop signal; the exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Starts an image as a container engine would: its environment and nothing else, its user, its entry point. */
export const startContainer = async (
  image: Image,
  environment: Readonly<Record<string, string>>,
): Promise<Container> => {
  const cwd = join(image.root, image.workdir);
  const PATH = `${join(image.root, "usr/local/bin")}:/usr/sbin:/usr/bin:/sbin:/bin`;
  const env = { PATH, ...image.environment, ...environment };
  const [program = "", ...parameters] = [...confinement, ...image.entrypoint];
  const child = spawn(program, parameters, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  endWithTests(() => child.kill("SIGKILL"));
  const output = outputOf(child);
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const url = `http://127.0.0.1:${environment.PORT}`;
  for (const giveUpAt = Date.now() + START_TIMEOUT_MS; !(await answers(url)); await sleep(20)) {
    if (Date.now() > giveUpAt || child.exitCode !== null) throw new Error(`It did not start:\n${output()}`);
  }
  const status = (field: string): number[] =>
    new RegExp(`^${field}:\\s+(.*)$`, "m")
      .exec(readFileSync(`/proc/${serverOf(child)}/status`, "utf8"))?.[1]
      ?.split(/\s+/)
      .map(Number) ?? [];
  return {
    url,
    output,
    checkHealth: () => {
      const [checker = "", ...rest] = image.healthcheck;
      return spawnSync(checker, rest, { cwd, env }).status;
    },
    processIds: () => status("NSpid"),
    userId: () => status("Uid")[0] ?? 0,
    isReadOnly: () => /^\S+ \/ \S+ ro[ ,]/m.test(readFileSync(`/proc/${serverOf(child)}/mounts`, "utf8")),
    stop: () => {
      process.kill(serverOf(child), image.stopSignal as NodeJS.Signals);
      return exited;
    },
  };
};

const answers = async (url: string): Promise<boolean> => {
  const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) }).catch(
    () => undefined,
  );
  return response?.ok ?? false;
};

/** The server itself: what confines it may stay its parent. */
const serverOf = ({ pid }: ChildProcess): number => {
  if (!canConfine) return pid ?? 0;
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
};
