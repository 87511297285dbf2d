import { spawn } from "node:child_process";
import type { Row } from "./benchmark.ts";

/** Runs a benchmark of the core in a process of its own, and reads the rows that it prints. */
export const rowsOf = async (file: string, environment: Record<string, string> = {}): Promise<Row[]> => {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`The in-process benchmark ended with ${code}:\n${output}`);
  return JSON.parse(output) as Row[];
};
