import type { Readable } from "node:stream";

/** The outputs of a child process, as far as its parent reads them. */
interface Outputs {
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

/** Gathers what a child process writes to its outputs, in the order in which it comes. @returns all of it so far */
export const outputOf = ({ stdout, stderr }: Outputs): (() => string) => gather([stdout, stderr]);

/** The same of its standard output alone. */
export const stdoutOf = ({ stdout }: Outputs): (() => string) => gather([stdout]);

const gather = (streams: readonly (Readable | null)[]): (() => string) => {
  let output = "";
  for (const stream of streams) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return () => output;
};
