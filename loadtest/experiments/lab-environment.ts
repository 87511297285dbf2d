import { spawnSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { engineVersion, isInstalled } from "../harness/engine-and-redis.ts";
import { type RunEnvironment, STARTED_HERE } from "../report/run-result.ts";
import { type Options, UsageError } from "./experiment-options.ts";

const GB = 1024 ** 3;

/**
 * Makes sure that what the experiments run is installed.
 *
 * @throws UsageError with the line that installs it
 */
export const requirePrograms = ({ url }: Options): void => {
  const missing = [
    ...(isInstalled("locust") ? [] : ["python3-locust"]),
    ...(url !== undefined || isInstalled("redis-server") ? [] : ["redis-server"]),
  ];
  if (missing.length > 0) {
    throw new UsageError(
      `The experiments need ${missing.join(" and ")}: apt-get install ${missing.join(" ")}`,
    );
  }
};

/**
 * Makes sure that the report can be written, before there is anything to lose.
 *
 * @throws UsageError when it can't
 */
export const requireFolder = async (dir: string): Promise<void> => {
  const probe = join(dir, `.${process.pid}.probe`);
  try {
    await mkdir(dir, { recursive: true });
    await writeFile(probe, "");
    await rm(probe);
  } catch (cause) {
    throw new UsageError(`The report can't be written to ${dir}: ${(cause as Error).message}`, { cause });
  }
};

/** Where and of what the figures are. @param words of the command line */
export const readEnvironment = ({ url, seed }: Options, words: readonly string[]): RunEnvironment =>
  environmentOf(["python3-locust", ...(url ? [] : ["redis-server"])], {
    command: `npm run experiment -- ${withoutSecrets(words).join(" ")}`,
    seed,
    target: url ?? STARTED_HERE,
  });

/** @param packages of Debian, whose versions matter beside those of the runtime and of the embedded database */
export const environmentOf = (
  packages: readonly string[],
  run: Pick<RunEnvironment, "command" | "seed" | "target">,
): RunEnvironment => {
  const versions = {
    bun: process.versions.bun,
    ...(run.target === STARTED_HERE && { dynoxide: versionIn(engineVersion()) }),
    ...Object.fromEntries(packages.map((name) => [programOf(name), versionOf(name)])),
  };
  return {
    machine: cpus()[0]?.model.trim() || arch(),
    cores: cpus().length,
    memoryGb: Math.round((totalmem() / GB) * 10) / 10,
    platform: `${platform()} ${arch()} ${release()}`,
    versions: Object.fromEntries(Object.entries(versions).map(([name, text]) => [name, text ?? "unknown"])),
    commit: outputOf("git", "rev-parse", "--short=12", "HEAD") ?? "unknown",
    isDirty: outputOf("git", "status", "--porcelain") !== "",
    ...run,
  };
};

const programOf = (name: string): string => name.replace(/^python3-/, "");

/** By Debian's package manager, or by the program itself: Debian's Locust takes a second to say that it has none. */
const versionOf = (name: string): string | undefined =>
  versionIn(outputOf("dpkg-query", "--show", name)) ?? versionIn(outputOf(programOf(name), "--version"));

const outputOf = (program: string, ...parameters: string[]): string | undefined => {
  const { status, stdout } = spawnSync(program, parameters, { encoding: "utf8", cwd: import.meta.dirname });
  return status === 0 ? stdout.trim() : undefined;
};

const versionIn = (text: string | undefined): string | undefined => /\d+(\.\d+)+/.exec(text ?? "")?.[0];

const withoutSecrets = (words: readonly string[]): string[] =>
  words.map((word, i) => {
    if (words[i - 1] === "--admin-token") return "…";
    return word.startsWith("--admin-token=") ? "--admin-token=…" : word;
  });
