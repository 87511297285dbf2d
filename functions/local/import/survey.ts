import { handleOf, type Layout, layoutOf } from "./columns.ts";
import { csvRecords } from "./csv-rows.ts";
import { type Line, NOT_UTF8 } from "./text-lines.ts";

/** The import's knowledge of a CSV file before it writes anything. */
export interface Survey {
  readonly header: readonly string[];
  /** The handles of the file, each with the line of its last record. */
  readonly lastLines: ReadonlyMap<string, number>;
  /** Lines that cannot be read: any product may have rows there. */
  readonly unreadable: number;
  /** Whether lines that are not UTF-8 are to be read as Windows-1252, because no line shows UTF-8. */
  readonly isWindows1252: boolean;
}

/** Why a file has no survey; the message ends a sentence that starts with the file's name. */
export class NoHeaderError extends Error {
  override readonly name = "NoHeaderError";
}

/**
 * Reads a CSV file once from start to end.
 *
 * @throws NoHeaderError when its first record cannot be read
 */
export const surveyCsv = async (lines: AsyncIterable<Line>): Promise<Survey> => {
  const seen = { foreign: 0, multibyte: 0 };
  const lastLines = new Map<string, number>();
  let header: readonly string[] | undefined;
  let layout: Layout | undefined;
  let complaint: string | undefined;
  let unreadable = 0;
  for await (const record of csvRecords(watched(lines, seen))) {
    if (record.kind === "problem") {
      unreadable += 1;
      if (!header) complaint ??= `line ${record.line} ${record.message}`;
    } else if (!header || !layout) {
      header = record.fields;
      layout = layoutOf(header);
    } else {
      const handle = handleOf(record.fields, layout);
      if (handle === "") unreadable += 1;
      else lastLines.set(handle, record.line);
    }
  }
  const isWindows1252 = seen.foreign > 0 && seen.multibyte === 0;
  if (complaint !== undefined && !isWindows1252) throw new NoHeaderError(complaint);
  return { header: header ?? [], lastLines, unreadable, isWindows1252 };
};

async function* watched(
  lines: AsyncIterable<Line>,
  seen: { foreign: number; multibyte: number },
): AsyncGenerator<Line> {
  for await (const line of lines) {
    if (line.kind === "unreadable") {
      if (line.message === NOT_UTF8) seen.foreign += 1;
    } else if (/[\u0080-\uffff]/.test(line.text)) seen.multibyte += 1;
    yield line;
  }
}
