import { spawn } from "node:child_process";
import { join } from "node:path";

const SCRIPT = join(import.meta.dirname, "zipf.lua");

export interface ZipfLoad {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly products: number;
  readonly exponent: number;
  readonly seed: number;
}

/** Latencies in milliseconds. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly failed: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Reads products as fast as the shop answers, each connection one after another, for the given seconds. */
export const readByZipf = async (load: ZipfLoad): Promise<LoadResult> => {
  const { url, connections, seconds, products, exponent, seed } = load;
  const options = ["-t1", `-c${connections}`, `-d${seconds}s`, "-s", SCRIPT, url];
  const output = await outputOf("wrk", [...options, "--", `${products}`, `${exponent}`, `${seed}`]);
  const result = /^RESULT (.+)$/m.exec(output)?.[1];
  if (result === undefined) throw new Error(`wrk gave no result:\n${output}`);
  return JSON.parse(result) as LoadResult;
};

/** Standard output of a program. */
export const outputOf = (program: string, parameters: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once("error", () => reject(new Error(`${program} is missing: apt-get install ${program}`)));
    child.once("close", (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${program} ended with ${code}:\n${output}`)),
    );
  });
