import type { RawRow } from "./run-result.ts";

/** Rows as CSV (RFC 4180) under a header of all their columns; what a row lacks, or is null, is empty. */
export const csvOf = (rows: readonly RawRow[]): string => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ""))];
  return lines.map((fields) => `${fields.map(field).join(",")}\r\n`).join("");
};

const field = (value: string | number | boolean): string => {
  const text = String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** The name of the file for an experiment's raw rows; characters that file systems dislike become dashes. */
export const csvFileOf = (experiment: string, raw: string): string =>
  `${experiment}-${raw.replaceAll(/[^\w.-]+/g, "-")}.csv`;
