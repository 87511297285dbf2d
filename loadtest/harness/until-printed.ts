import type { ChildProcess } from "node:child_process";

/** Characters that an error shows of what the program printed last. */
const SHOWN = 4_000;

export interface Wait {
  /** Of the program, in errors. */
  readonly name: string;
  readonly timeoutMs: number;
}

/**
 * The first group of a pattern in what a program prints on the streams that its parent reads, once it is there. The
 * program is left as it is where this fails.
 *
 * @throws Error with what it printed last, when it ends before or takes too long
 */
export const untilPrinted = (
  child: ChildProcess,
  pattern: RegExp,
  { name, timeoutMs }: Wait,
): Promise<string> =>
  new Promise((resolve, reject) => {
    let output = "";
    const fail = (why: string) => reject(new Error(`${name} ${why}:\n${output}`));
    const timer = setTimeout(() => fail(`did not start within ${timeoutMs / 1_000} s`), timeoutMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-SHOWN);
        const found = pattern.exec(output)?.[1];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      });
    }
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      fail(`ended with ${code ?? signal}`);
    });
  });
