import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort, untilListening } from "../../functions/local/ports.ts";
import { endChild } from "./end-politely.ts";
import { endChildWithThisProcess } from "./end-with-process.ts";

const SERVER = join(import.meta.dirname, "..", "..", "functions", "main.ts");

/** A server in a process of its own. */
export interface Program {
  readonly url: string;
  readonly pid: number;
  readonly stop: (patienceMs?: number) => Promise<void>;
}

/** Starts a server alone, as in a container, with exactly this environment and a free port. */
export const startServer = async (environment: Record<string, string | undefined>): Promise<Program> => {
  const port = await freePort();
  const child = spawn(process.execPath, [SERVER], {
    env: { ...environment, PORT: String(port) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  endChildWithThisProcess(child);
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2_000);
  });
  const exited = once(child, "exit");
  const isUp = await Promise.race([
    exited.then(() => false),
    untilListening("A server", port).then(() => true),
  ]);
  if (!isUp || child.pid === undefined) throw new Error(`A server did not start: ${complaints}`);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid,
    stop: async (patienceMs) => void (await endChild(child, patienceMs)),
  };
};
