import type { ChildProcess } from "node:child_process";

/** Characters that an error shows of what the program printed last. */
const SHOWN = 4_000;

export interface Wait {
  /** Of the program, in errors. */
  readonly name: string;
  readonly timeoutMs: number;
}

/**
 * The first group of a pattern in what a program prints on the streams that its parent reads, once it is there. A pattern
 * says how the group ends, as output comes in pieces. The program is left as it is where this fails.
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
    const end = (): void => {
      clearTimeout(timer);
      for (const stream of [child.stdout, child.stderr]) stream?.off("data", read).resume(); // A full pipe would stop it.
    };
    const fail = (why: string): void => {
      end();
      reject(new Error(`${name} ${why}:\n${output.slice(-SHOWN)}`));
    };
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = pattern.exec(output)?.[1];
      if (found === undefined) return;
      end();
      resolve(found);
    };
    const timer = setTimeout(() => fail(`did not start within ${timeoutMs / 1_000} s`), timeoutMs);
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", read);
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, signal) => fail(`ended with ${code ?? signal}`));
  });
