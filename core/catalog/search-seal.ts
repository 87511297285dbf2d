import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, renameSync, rmSync, writeFileSync } from "node:fs";

const CHUNK = 1024 * 1024;

const sealOf = (path: string): string => `${path}.seal`;

const digestOf = (path: string): string => {
  const hash = createHash("sha1");
  const chunk = Buffer.allocUnsafe(CHUNK);
  const file = openSync(path, "r");
  try {
    for (let read: number; (read = readSync(file, chunk)) > 0; ) hash.update(chunk.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
};

/** Notes beside a file that nothing writes to any more what it holds: SQLite has no checksums of its own. */
export const seal = (path: string): void => {
  writeFileSync(`${sealOf(path)}.next`, digestOf(path));
  renameSync(`${sealOf(path)}.next`, sealOf(path));
};

/**
 * Takes the seal off a file that is to be written to.
 *
 * @returns whether the file is as it was sealed; undefined without a seal, as a killed process leaves it
 */
export const unseal = (path: string): boolean | undefined => {
  let sealed: string;
  try {
    sealed = readFileSync(sealOf(path), "utf8");
  } catch {
    return undefined;
  }
  rmSync(sealOf(path));
  return sealed === digestOf(path);
};
