/** Thrown when something cannot start for a reason outside the code; the message says what to do about it. */
export class StartError extends Error {
  override readonly name: string = "StartError";
}

/** Codes for "there is no room left": of the disk, of a quota, of a file's size. */
const NO_ROOM = /\b(ENOSPC|EDQUOT|EFBIG|No space left|disk is full|quota exceeded|File too large|SIGXFSZ)\b/i;

/** Whether a failure, of this process or in the words of another program, comes from a full disk. */
export const isDiskFull = (failure: unknown): boolean =>
  NO_ROOM.test(`${(failure as NodeJS.ErrnoException).code} ${(failure as Error).message}`);
