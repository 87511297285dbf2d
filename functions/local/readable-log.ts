import { styleText } from "node:util";

interface LogLine extends Record<string, unknown> {
  readonly level?: string;
  readonly message?: string;
  readonly timestamp?: string;
  readonly _aws?: unknown;
}

const COLOURS = {
  ERROR: "red",
  CRITICAL: "red",
  WARN: "yellow",
  INFO: "green",
  DEBUG: "gray",
  TRACE: "gray",
} as const;

/**
 * A structured log line as a person reads it: time, level, message, then the rest. Metric lines are for
 * CloudWatch and give an empty string; what is no JSON stays as it is.
 */
export const readableLine = (line: string): string => {
  const entry = parse(line);
  if (!entry) return line;
  if (entry._aws) return "";
  const {
    level = "INFO",
    message = "",
    timestamp = "",
    service: _,
    sampling_rate: __,
    error,
    ...rest
  } = entry;
  const colour = COLOURS[level as keyof typeof COLOURS] ?? "green";
  const fields = Object.entries(rest).map(
    ([name, value]) => `${styleText("gray", `${name}=`)}${shown(value)}`,
  );
  const time = styleText("gray", timestamp.slice(11, 23));
  const head = [time, styleText(colour, level.padEnd(5)), message, ...fields].join(" ");
  const stack = (error as { stack?: string } | undefined)?.stack;
  return stack ? `${head}\n${stack}` : head;
};

const parse = (line: string): LogLine | undefined => {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
};

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Makes this process's log lines readable on their way to a terminal, or where `--readable` asks for it. */
export const makeLogsReadable = (): void => {
  if (!process.argv.includes("--readable") && !process.stdout.isTTY) return;
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (chunk: string) => boolean;
    stream.write = ((chunk: string | Uint8Array) => {
      if (typeof chunk !== "string" || !chunk.startsWith("{")) return write(chunk as string);
      const lines = chunk.trimEnd().split("\n").map(readableLine).filter(Boolean);
      return lines.length === 0 || write(`${lines.join("\n")}\n`);
    }) as typeof stream.write;
  }
};
