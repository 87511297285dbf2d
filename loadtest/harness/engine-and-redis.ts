import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type ChildService, startService } from "./child-service.ts";

/** An embedded DynamoDB outside the shop, so that a proxy can stand between them. */
export const startEngine = (databaseFile?: string): Promise<ChildService> =>
  startService(engineProgram(), (port) => [
    "--port",
    String(port),
    ...(databaseFile === undefined ? [] : ["--db-path", databaseFile]),
  ]);

/** A Redis that keeps nothing, or none where no `redis-server` is installed. */
export const startRedisIfInstalled = async (dir: string): Promise<ChildService | undefined> => {
  if (spawnSync("redis-server", ["--version"]).status !== 0) return undefined;
  return startService("redis-server", (port) => [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--dir",
    dir,
  ]);
};

/** The npm package for this platform, else what the PATH has. */
export const engineProgram = (): string => {
  try {
    const name = `@dynoxide/${process.platform}-${process.arch}/package.json`;
    return join(dirname(createRequire(import.meta.url).resolve(name)), "dynoxide");
  } catch {
    return "dynoxide";
  }
};
