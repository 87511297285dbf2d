import { createReadStream } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { csvRecords } from "./csv.ts";
import { type Line, readLines } from "./lines.ts";
import { ndjsonRows } from "./ndjson.ts";
import type { Row } from "./row.ts";
import { missingColumns, shopifyRows } from "./shopify.ts";

/** A file that can be imported. */
export interface Source {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly format: Format;
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
  const format = FORMATS[extname(file).toLowerCase()] ?? (await sniffFormat(file));
  if (format === "csv") await checkHeader(file);
  else await firstLine(file);
  return {
    name: basename(file),
    size,
    format,
    rows: (advance) => {
      const lines = linesOf(file, advance);
      return format === "csv" ? shopifyRows(csvRecords(lines)) : ndjsonRows(lines);
    },
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

const linesOf = (file: string, advance: (bytes: number) => void = () => undefined): AsyncGenerator<Line> =>
  readLines(readChunks(file, advance));

/** @throws SourceError when there are only blank lines */
const firstLine = async (file: string): Promise<Line> => {
  for await (const line of linesOf(file)) {
    if (line.kind === "unreadable" || line.text.trim() !== "") return line;
  }
  throw new SourceError(`${file} has only blank lines`);
};

const sniffFormat = async (file: string): Promise<Format> => {
  const line = await firstLine(file);
  return line.kind === "text" && line.text.trimStart().startsWith("{") ? "ndjson" : "csv";
};

const checkHeader = async (file: string): Promise<void> => {
  for await (const header of csvRecords(linesOf(file))) {
    if (header.kind === "problem") {
      throw new SourceError(`${file} is no CSV that can be read: line ${header.line} ${header.message}`);
    }
    if (header.fields.some((name) => name.includes("\r"))) {
      throw new SourceError(`${file} ends its lines with CR alone; save it with LF or CRLF`);
    }
    const missing = missingColumns(header.fields);
    if (missing.length === 0) return;
    throw new SourceError(
      `${file} is no Shopify product export: its first line lacks the column${missing.length > 1 ? "s" : ""} ` +
        `${missing.join(", ")}. (For products as JSON, one a line, name the file .ndjson or .jsonl.)`,
    );
  }
  throw new SourceError(`${file} has only blank lines`);
};
