/**
 * Clears away after a test run that was killed. It waits at a pipe that only the run holds: `kill -9` closes it as well.
 *
 *   bun watch-run.ts FOLDER
 */
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { endLeftovers } from "./leftovers.ts";

const [folder = ""] = process.argv.slice(2);
/** The pipe may close a moment before the last thread of the run ends. */
const ROUNDS = 20;

process.stdin.resume().once("close", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await endLeftovers(folder, 0);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    await sleep(100);
  }
});
