import { spawnSync } from "node:child_process";
import { engineProgram, prepareDatabase } from "../../functions/local/engine.ts";
import { type ChildService, startService } from "./child-service.ts";

/** An embedded DynamoDB outside the shop, so that a proxy can stand between them. */
export const startEngine = async (databaseFile?: string): Promise<ChildService> => {
  const program = engineProgram();
  // As the launcher does: without it, each write gets slower with each order.
  if (databaseFile) await prepareDatabase(databaseFile, program);
  const storage = databaseFile ? ["--db-path", databaseFile] : [];
  return startService(program, (port) => ["--port", String(port), ...storage]);
};

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

/** The embedded DynamoDB's answer to `--version`; undefined where it does not run. */
export const engineVersion = (): string | undefined => {
  const { status, stdout } = spawnSync(engineProgram(), ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
};
