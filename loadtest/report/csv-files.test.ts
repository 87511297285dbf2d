import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvFileOf, csvOf } from "./csv-files.ts";

test("reads back every text that it writes", () => {
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", " ", "a", "ö") }),
    fc.integer(),
  );
  const row = fc.record({ "a,b": value, 'say "c"': value });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), (rows) => {
      const read = parse(csvOf(rows), { columns: true, record_delimiter: "\r\n" });
      expect(read).toEqual(
        rows.map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, String(v)]))),
      );
    }),
  );
});

test("rows may differ in their columns; null and what is missing are empty", () => {
  expect(
    csvOf([
      { second: 1, ok: true },
      { second: 2, p99: null, error: 'a "b", c' },
    ]),
  ).toBe('second,ok,p99,error\r\n1,true,,\r\n2,,,"a ""b"", c"\r\n');
});

test("a file's name is one that every file system takes", () => {
  expect(csvFileOf("load", "steps: 1/2 processes")).toBe("load-steps-1-2-processes.csv");
  expect(csvFileOf("load", "../../etc/passwd")).not.toContain("/");
});
