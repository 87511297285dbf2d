import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { LimitRule } from "../../../core/storage/limit-rules.ts";
import { endChild } from "../engine.ts";
import { StartError } from "../start-error.ts";

const MAIN = join(import.meta.dirname, "limits-main.ts");

export interface LimitsProcess {
  readonly endpoint: string;
  readonly pid: number;
  /** Resolves when it is gone, stopped or not. */
  readonly exited: Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface LimitsOptions {
  readonly rules: readonly LimitRule[];
  /** Of all capacities. */
  readonly scale: number;
  /** A free one when left out. */
  readonly port?: number;
}

/**
 * Starts the limits layer in front of a database, in a process of its own, so that its work takes no time from the shop's
 * event loop. It ends with this process, even if that is killed.
 *
 * @throws StartError when it does not start, or the database is not one that it can stand in front of
 */
export const startLimits = async (
  database: string,
  { rules, scale, port = 0 }: LimitsOptions,
): Promise<LimitsProcess> => {
  if (!database.startsWith("http://")) {
    throw new StartError(
      `DYNAMODB_LIMITS works in front of an http:// endpoint, not ${database}: AWS has limits of its own.`,
    );
  }
  const parameters = ["--endpoint", database, "--rules", rules.join(","), "--scale", String(scale)];
  const child = spawn(process.execPath, [MAIN, ...parameters, "--port", String(port), "--ends-with-input"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const [started] = await Promise.race([once(child.stdout, "data"), exited.then(() => [undefined])]);
  if (!started) throw new StartError("The layer with DynamoDB's limits did not start");
  return {
    endpoint: String(started).trim(),
    pid: child.pid ?? 0,
    exited,
    stop: () => endChild(child, exited),
  };
};
