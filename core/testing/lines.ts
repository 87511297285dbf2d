import { onTestFinished } from "vitest";

type Line = Record<string, unknown>;

/** Collects what the process writes until the test ends; what is no JSON stays text under `text`. */
export const captureLines = (): Line[] => {
  const lines: Line[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    const { write } = stream;
    stream.write = ((chunk: string | Uint8Array) => {
      for (const line of String(chunk).split("\n").filter(Boolean)) lines.push(parsed(line));
      return true;
    }) as typeof stream.write;
    onTestFinished(() => {
      stream.write = write;
    });
  }
  return lines;
};

const parsed = (line: string): Line => {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return { text: line };
  }
};
