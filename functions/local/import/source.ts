import { createReadStream } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { missingColumns } from "./columns.ts";
import { csvRecords } from "./csv-rows.ts";
import { type Encoding, NotTextError, sniffEncoding, toUtf8 } from "./encoding.ts";
import { ndjsonRows } from "./ndjson.ts";
import type { Row } from "./row.ts";
import { shopifyProducts } from "./shopify.ts";
import { NoHeaderError, type Survey, surveyCsv } from "./survey.ts";
import { type Line, readLines } from "./text-lines.ts";

/** A file that can be imported. */
export interface Source {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly format: Format;
  readonly encoding: Encoding;
  /** The contents of a CSV file; NDJSON needs no survey. */
  readonly survey?: Survey;
  /** Reads the file from its start, a little at a time; `advance` learns how many bytes were read. */
  readonly rows: (advance: (bytes: number) => void) => AsyncGenerator<Row>;
}

/** Small, so that the progress moves every few dozen products. */
const CHUNK_BYTES = 8_192;

type Format = "csv" | "ndjson";

const FORMATS: Readonly<Record<string, Format>> = { ".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson" };

/** Thrown for a file of which not one row can be read; the message is for a person. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}

/**
 * Looks at a file before anything is started on its behalf.
 *
 * @throws SourceError when it is missing, not readable, empty, or neither of the two formats
 */
export const openSource = async (file: string): Promise<Source> => {
  const size = await sizeOf(file);
  const sniffed = await sniffEncoding(file).catch((error: unknown) => {
    throw error instanceof NotTextError ? new SourceError(`${file} ${error.message}`) : error;
  });
  const format = FORMATS[extname(file).toLowerCase()] ?? (await sniffFormat(file, sniffed));
  const source = { name: basename(file), size, format };
  if (format === "ndjson") {
    await firstLine(file, sniffed);
    return {
      ...source,
      encoding: sniffed,
      rows: (advance) => ndjsonRows(linesOf(file, sniffed, advance)),
    };
  }
  const { encoding, survey } = await surveyOf(file, sniffed);
  return {
    ...source,
    encoding,
    survey,
    rows: (advance) => shopifyProducts(csvRecords(linesOf(file, encoding, advance)), survey),
  };
};

const sizeOf = async (file: string): Promise<number> => {
  const stats = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new SourceError(error.code === "ENOENT" ? `There is no file ${file}` : error.message);
  });
  if (stats.isDirectory()) throw new SourceError(`${file} is a folder, not a file`);
  // Looked at first and then read: what can only be read once will not do.
  if (!stats.isFile()) throw new SourceError(`${file} is not a regular file`);
  if (stats.size === 0) throw new SourceError(`${file} is empty`);
  await access(file, constants.R_OK).catch(() => {
    throw new SourceError(`${file} may not be read by this user`);
  });
  return stats.size;
};

async function* readChunks(file: string, advance: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
    advance((chunk as Uint8Array).length);
    yield chunk as Uint8Array;
  }
}

const linesOf = (
  file: string,
  encoding: Encoding,
  advance: (bytes: number) => void = () => undefined,
): AsyncGenerator<Line> => readLines(toUtf8(readChunks(file, advance), encoding));

/** @throws SourceError when there are only blank lines */
const firstLine = async (file: string, encoding: Encoding): Promise<Line> => {
  for await (const line of linesOf(file, encoding)) {
    if (line.kind === "unreadable" || line.text.trim() !== "") return line;
  }
  throw new SourceError(`${file} has only blank lines`);
};

const sniffFormat = async (file: string, encoding: Encoding): Promise<Format> => {
  const line = await firstLine(file, encoding);
  return line.kind === "text" && line.text.trimStart().startsWith("{") ? "ndjson" : "csv";
};

/** @throws SourceError when it is no product export */
const surveyOf = async (
  file: string,
  encoding: Encoding,
): Promise<{ encoding: Encoding; survey: Survey }> => {
  const survey = await surveyCsv(linesOf(file, encoding)).catch((error: unknown) => {
    if (!(error instanceof NoHeaderError)) throw error;
    throw new SourceError(`${file} is no CSV that can be read: ${error.message}`);
  });
  if (survey.isWindows1252) return surveyOf(file, "windows-1252");
  const { header } = survey;
  if (header.length === 0) throw new SourceError(`${file} has only blank lines`);
  if (header.some((name) => name.includes("\r")))
    throw new SourceError(`${file} ends its lines with CR alone; save it with LF or CRLF`);
  const missing = missingColumns(header);
  if (missing.length === 0) return { encoding, survey };
  throw new SourceError(
    `${file} is no Shopify product export: its header, the first line, lacks the column${missing.length > 1 ? "s" : ""} ` +
      `${missing.join(", ")}. Fields may be separated by commas, semicolons, tabs or |. ` +
      "(For products as JSON, one a line, name the file .ndjson or .jsonl.)",
  );
};
