import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { outputOf } from "../wrk.ts";

const SCRIPT = join(import.meta.dirname, "play.lua");

export interface Play {
  readonly url: string;
  readonly connections: number;
  /** Whole seconds: wrk knows no others. */
  readonly seconds: number;
  /** Where the requests lie, as `writeRequests` writes them. */
  readonly file: string;
  /** How many of them are passed over at first. */
  readonly skip: number;
  /** Whether answers are counted by status, which costs wrk some microseconds an answer. */
  readonly counts: boolean;
}

/** Latencies in milliseconds. */
export interface Played {
  readonly requests: number;
  readonly seconds: number;
  /** Answers of 400 and above. */
  readonly errors: number;
  /** Connections that failed or timed out. */
  readonly broken: number;
  readonly p50: number;
  readonly p99: number;
  /** Answers by status; empty unless counted. */
  readonly statuses: Readonly<Record<string, number>>;
}

export const writeRequests = (file: string, requests: readonly string[]): Promise<void> =>
  writeFile(file, requests.join("\0"));

/** Sends prepared requests as fast as they are answered, on each connection one after another. */
export const play = async ({ url, connections, seconds, file, skip, counts }: Play): Promise<Played> => {
  const options = ["-t1", `-c${connections}`, `-d${seconds}s`, "-s", SCRIPT, url];
  const output = await outputOf("wrk", [...options, "--", file, String(skip), counts ? "count" : "no-count"]);
  const result = /^RESULT (.+)$/m.exec(output)?.[1];
  if (result === undefined) throw new Error(`wrk gave no result:\n${output}`);
  return JSON.parse(result) as Played;
};
