// cspell:ignore schedstat -- a file of /proc

import { readdir, readFile } from "node:fs/promises";

/** Linux counts a process's time in these, on every machine it runs on today (`getconf CLK_TCK`). */
const TICKS_A_SECOND = 100;
const MB = 1024 * 1024;
const PAGE_BYTES = 4_096;

export interface ProcessFigures {
  /** User and system time of all its threads since it started. */
  readonly seconds: number;
  /** Resident memory. */
  readonly memoryMb: number;
}

/** Processor time and memory of a process by `/proc`; undefined where there is no such process, or no `/proc`. */
export const readProcess = async (pid: number): Promise<ProcessFigures | undefined> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;
  // The fields after the program's name, which may hold blanks itself: state is the 3rd of all.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    seconds: (field(14) + field(15)) / TICKS_A_SECOND,
    memoryMb: (field(24) * PAGE_BYTES) / MB,
  };
};

/** Seconds of processor time that a process has used. @throws Error when it is gone */
export const processorSeconds = async (pid: number): Promise<number> => {
  const figures = await readProcess(pid);
  if (!figures) throw new Error(`Process ${pid} is gone, or this is not Linux`);
  return figures.seconds;
};

const NANOSECONDS = 1e9;

/**
 * Seconds of processor time of a process's living threads, to the nanosecond: for stretches in which the hundredths of
 * {@link processorSeconds} would show. Linux only.
 */
export const threadSeconds = async (pid: number): Promise<number> => {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = threads.map(async (thread) => {
    const stat = await readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8").catch(() => "0");
    return Number(stat.split(" ")[0]);
  });
  return (await Promise.all(times)).reduce((sum, time) => sum + time, 0) / NANOSECONDS;
};
