/** One line of a text file, without its end. */
export interface TextLine {
  readonly kind: "text";
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** A line that cannot be read as text. */
export interface UnreadableLine {
  readonly kind: "unreadable";
  readonly number: number;
  readonly message: string;
}

export type Line = TextLine | UnreadableLine;

/** Far above any product; keeps a file without line ends from filling the memory. */
export const MAX_LINE_BYTES = 1_048_576;

export const NOT_UTF8 = "is not UTF-8";

const LF = 10;

/**
 * Splits a UTF-8 file into lines as it streams by. Only LF and CRLF end a line: JSON strings may hold the
 * other line separators of Unicode, at which Node's readline would cut them in two.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let number = 0;

  const keep = (part: Uint8Array): void => {
    size += part.length;
    if (size <= MAX_LINE_BYTES) parts.push(part);
    else parts = [];
  };
  const take = (): Line => {
    number += 1;
    const line = size > MAX_LINE_BYTES ? tooLong(number) : decode(number, parts);
    parts = [];
    size = 0;
    return line;
  };

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      keep(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  if (size > 0) yield take();
}

const tooLong = (number: number): UnreadableLine => ({
  kind: "unreadable",
  number,
  message: `is longer than ${MAX_LINE_BYTES} bytes`,
});

const decode = (number: number, parts: readonly Uint8Array[]): Line => {
  try {
    // A decoder of its own for each line also takes the byte order mark off the first.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts));
    return { kind: "text", number, text: text.endsWith("\r") ? text.slice(0, -1) : text };
  } catch {
    return { kind: "unreadable", number, message: NOT_UTF8 };
  }
};
