import { CsvError, parse } from "csv-parse/sync";
import type { Line, TextLine } from "./lines.ts";
import { type ProblemRow, problemRow } from "./row.ts";

export interface CsvRecord {
  readonly kind: "record";
  /** The line it starts on. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** How much an open quote may swallow before it counts as never closed. */
const MAX_RECORD_LENGTH = 1_048_576;

/**
 * The records of a CSV file (RFC 4180), the header being the first; blank ones are left out.
 *
 * A quote that is never closed would swallow every row after it, and a parser on the whole stream can only
 * skip what was swallowed. So the lines are first gathered into records: one ends where its quotes are
 * even in number. Where the parser refuses what was gathered, or it has another number of columns than the
 * header, the first line is the malformed one and the lines after it are read again on their own.
 */
export async function* csvRecords(lines: AsyncIterable<Line>): AsyncGenerator<CsvRecord | ProblemRow> {
  let columns: number | undefined;
  let open: TextLine[] = [];
  let length = 0;
  let isQuoting = false;

  const close = (): TextLine[] => {
    const gathered = open;
    open = [];
    length = 0;
    isQuoting = false;
    return gathered;
  };

  function* add(line: TextLine): Generator<CsvRecord | ProblemRow> {
    if (open.length === 0 && line.text.trim() === "") return;
    open.push(line);
    length += line.text.length;
    if (hasOddQuotes(line.text)) isQuoting = !isQuoting;
    if (isQuoting && length <= MAX_RECORD_LENGTH) return;
    const isNeverClosed = isQuoting;
    yield* finish(close(), isNeverClosed);
  }

  function* finish(gathered: TextLine[], isNeverClosed: boolean): Generator<CsvRecord | ProblemRow> {
    const [first, ...rest] = gathered;
    if (!first) return;
    const record = isNeverClosed ? quoteComplaint(first) : parseRecord(first, gathered, columns);
    if (typeof record === "string") {
      yield problemRow(first.number, record);
      for (const line of rest) yield* add(line);
    } else {
      columns ??= record.length;
      const isBlank = record.every((field) => field.trim() === "");
      if (!isBlank) yield { kind: "record", line: first.number, fields: record };
    }
  }

  for await (const line of lines) {
    if (line.kind === "text") yield* add(line);
    else {
      while (open.length > 0) yield* finish(close(), true);
      yield problemRow(line.number, line.message);
    }
  }
  // What is left over may again end inside of a quote, each time with a line fewer.
  while (open.length > 0) yield* finish(close(), true);
}

const hasOddQuotes = (text: string): boolean => {
  let isOdd = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
};

const parseFields = (text: string): string[] =>
  parse(text, { relax_column_count: true, record_delimiter: "\n" })[0] ?? [];

/** The fields of one record, or what is wrong with it. */
const parseRecord = (
  first: TextLine,
  lines: readonly TextLine[],
  columns: number | undefined,
): string[] | string => {
  try {
    const fields = parseFields(lines.map((line) => line.text).join("\n"));
    if (columns === undefined || fields.length === columns) return fields;
    const span = lines.length > 1 ? `is a record up to line ${lines.at(-1)?.number} that ` : "";
    return `${span}has ${fields.length} columns where the header has ${columns}`;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return quoteComplaint(first);
  }
};

/** What is wrong with the quotes of a line that begins no record. */
const quoteComplaint = ({ text }: TextLine): string => {
  try {
    parseFields(text);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code !== "CSV_QUOTE_NOT_CLOSED")
      return 'a quote inside of a field must be doubled ("") and the field quoted';
  }
  return "a quote is opened and never closed";
};
