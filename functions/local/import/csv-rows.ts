import { CsvError, parse } from "csv-parse/sync";
import { missingColumns } from "./columns.ts";
import { type ProblemRow, problemRow } from "./row.ts";
import type { Line, TextLine } from "./text-lines.ts";

export interface CsvRecord {
  readonly kind: "record";
  /** The line it starts on. */
  readonly line: number;
  readonly fields: readonly string[];
  /** The character that separated them. */
  readonly delimiter: Delimiter;
}

/** How much an open quote may swallow before it counts as never closed. */
const MAX_RECORD_LENGTH = 1_048_576;

/** The first line by which Excel learns the separator, `sep=;`. The header shows it as well. */
const SEPARATOR_LINE = /^"?sep=.?"?[,;\t|]*$/i;

const DELIMITERS = [",", ";", "\t", "|"] as const;

export type Delimiter = (typeof DELIMITERS)[number];

/** The separator by which a header has the most of the columns that are needed; a comma if none helps. */
export const delimiterOf = (header: string): Delimiter => {
  const missing = (delimiter: Delimiter): number => {
    try {
      return missingColumns(parseFields(header, delimiter)).length;
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      return Number.POSITIVE_INFINITY;
    }
  };
  return DELIMITERS.reduce((best, other) => (missing(other) < missing(best) ? other : best));
};

/**
 * The records of a CSV file (RFC 4180), the header being the first; blank ones are left out. The header shows
 * what separates the fields.
 *
 * A quote that is never closed would swallow every row after it, and a parser on the whole stream can only
 * skip what was swallowed. So the lines are first gathered into records: one ends where its quotes are
 * even in number. Where the parser refuses what was gathered, or it has another number of columns than the
 * header, the first line is the malformed one and the lines after it are read again on their own.
 */
export async function* csvRecords(lines: AsyncIterable<Line>): AsyncGenerator<CsvRecord | ProblemRow> {
  let shape: Shape | undefined;
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
    if (!shape && SEPARATOR_LINE.test(line.text.trim())) return;
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
    const delimiter = shape?.delimiter ?? delimiterOf(first.text);
    const record = isNeverClosed
      ? quoteComplaint(first, delimiter)
      : parseRecord(gathered, delimiter, shape?.columns);
    if (typeof record === "string") {
      yield problemRow(first.number, record);
      for (const line of rest) yield* add(line);
    } else {
      shape ??= { columns: record.length, delimiter };
      const isBlank = record.every((field) => field.trim() === "");
      if (!isBlank) yield { kind: "record", line: first.number, fields: record, delimiter };
    }
  }

  for await (const line of lines) {
    if (line.kind === "text") yield* add(line);
    else {
      while (open.length > 0) yield* finish(close(), true);
      yield problemRow(line.number, line.message);
    }
  }
  // The remainder may again end inside a quote, each time with a line fewer.
  while (open.length > 0) yield* finish(close(), true);
}

const hasOddQuotes = (text: string): boolean => {
  let isOdd = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
};

interface Shape {
  readonly columns: number;
  readonly delimiter: Delimiter;
}

/** Most records have no quotes, and a parser takes ten times as long to set up as to read one. */
const parseFields = (text: string, delimiter: Delimiter): string[] =>
  text.includes('"')
    ? (parse(text, { delimiter, relax_column_count: true, record_delimiter: "\n" })[0] ?? [])
    : text.split(delimiter);

/** The fields of one record, or what is wrong with it. */
const parseRecord = (
  lines: readonly TextLine[],
  delimiter: Delimiter,
  columns: number | undefined,
): string[] | string => {
  const [first, last] = [lines[0], lines.at(-1)];
  try {
    const fields = parseFields(lines.map((line) => line.text).join("\n"), delimiter);
    if (columns === undefined || fields.length === columns) return fields;
    // Spreadsheets end rows with separators for columns that they once had.
    if (fields.length > columns && fields.slice(columns).every((field) => field.trim() === ""))
      return fields.slice(0, columns);
    const span = lines.length > 1 ? `is a record up to line ${last?.number} that ` : "";
    return `${span}has ${fields.length} columns where the header has ${columns}`;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return quoteComplaint(first, delimiter);
  }
};

/** The complaint about the quotes of a line that begins no record. */
const quoteComplaint = (line: TextLine | undefined, delimiter: Delimiter): string => {
  try {
    parseFields(line?.text ?? "", delimiter);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code !== "CSV_QUOTE_NOT_CLOSED")
      return 'a quote inside of a field must be doubled ("") and the field quoted';
  }
  return "a quote is opened and never closed";
};
