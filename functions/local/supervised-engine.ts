import { setTimeout as sleep } from "node:timers/promises";
import type { DataDir } from "./data-dir.ts";
import { type Engine, startEngine } from "./engine.ts";

const RESTART_PAUSE_MS = 500;

/**
 * Keeps an embedded DynamoDB running on a data directory: when it dies it is started again on the same
 * port, where the shop's connections find it.
 */
export const superviseEngine = async (
  dataDir: DataDir,
): Promise<{ readonly endpoint: string; readonly stop: () => Promise<void> }> => {
  let isStopping = false;
  let engine = await startEngine(dataDir.databaseFile);
  const port = Number(new URL(engine.endpoint).port);

  const watch = async (watched: Engine): Promise<void> => {
    await dataDir.note({ engine: { pid: watched.pid, endpoint: watched.endpoint } });
    await watched.exited;
    while (!isStopping) {
      console.error("The embedded DynamoDB is gone; starting it again");
      try {
        engine = await startEngine(dataDir.databaseFile, port);
        return watch(engine);
      } catch (error) {
        console.error((error as Error).message);
        await sleep(RESTART_PAUSE_MS);
      }
    }
  };
  void watch(engine);

  return {
    endpoint: engine.endpoint,
    stop: async () => {
      isStopping = true;
      await engine.stop();
    },
  };
};
