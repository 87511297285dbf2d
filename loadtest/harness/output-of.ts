import type { Readable } from "node:stream";

/** Gathers what a child process writes to its outputs, in the order in which it comes. @returns all of it so far */
export const outputOf = (child: { readonly stdout: Readable; readonly stderr: Readable }): (() => string) => {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return () => output;
};
