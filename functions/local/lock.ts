import { DatabaseSync } from "node:sqlite";
import { StartError } from "./start-error.ts";

/** Time for a holder to note who it is, in milliseconds. */
const PATIENCE_MS = 1_000;

const SQLITE_BUSY = 5;

/** Referred to for as long as they are held: collecting one as garbage would give up its lock. */
const held = new Set<DatabaseSync>();

/**
 * Takes a lock that the kernel gives up when this process ends, however it ends, and never before: a file that
 * says "taken" outlives a killed process, and of several that find it stale, each could believe it won.
 * SQLite brings the operating system's file locks without a program or package of their own.
 *
 * @returns gives up the lock; undefined when another process has it
 */
export const takeLock = (file: string): (() => void) | undefined => {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: PATIENCE_MS });
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE"); // Without a journal file: nothing is written.
  } catch (error) {
    database?.close();
    const { errcode, message } = error as Error & { errcode?: number };
    if (errcode === SQLITE_BUSY) return undefined;
    throw new StartError(
      `The data directory cannot be locked: ${message}. If ${file} is no empty file, remove it: it holds nothing.`,
    );
  }
  const taken = database;
  held.add(taken);
  return () => {
    if (held.delete(taken)) taken.close();
  };
};
