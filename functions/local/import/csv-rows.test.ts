import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvRecords } from "./csv-rows.ts";
import { collect, linesIn } from "./testing.ts";

/** Each record as `line: field|field`, each problem as `line! message`. */
const read = async (text: string | Uint8Array): Promise<string[]> =>
  (await collect(csvRecords(linesIn(text)))).map((item) =>
    item.kind === "record" ? `${item.line}: ${item.fields.join("|")}` : `${item.line}! ${item.message}`,
  );

test("commas, quotes and line breaks inside of quoted fields", async () => {
  expect(await read('a,b,c\n1,"x, y",3\n2,"say ""hi""",3\n3,"two\n\nlines",3\n4,,5\n')).toEqual([
    "1: a|b|c",
    "2: 1|x, y|3",
    '3: 2|say "hi"|3',
    "4: 3|two\n\nlines|3",
    "7: 4||5",
  ]);
});

test("a record without quotes has the fields that a parser finds in it", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("a", "é", "\ud800", ",", ";", "\t", "|", " ", "\\", "'", "#", "\ufeff"), {
        minLength: 1,
      }),
      async (drawn) => {
        const line = drawn.join("");
        const [record] = await collect(csvRecords(linesIn(`x${line}`)));
        const [fields] = parse(`x${line}`, { record_delimiter: "\n" });
        expect(record).toMatchObject({ fields });
      },
    ),
  ));

test("a byte order mark, CRLF and blank lines change nothing but the numbers", async () => {
  expect(await read('\ufeff"a",b\r\n\r\n1,"x\r\ny"\r\n,\r\n \r\n2,z')).toEqual([
    "1: a|b",
    "3: 1|x\ny",
    "7: 2|z",
  ]);
});

test("a quote that is not doubled is the fault of its line alone", async () => {
  const [, first, second, third] = await read('a,b\n1,5" wide\n2,"a "b" c"\n3,fine\n');
  expect(first).toMatch(/^2! a quote inside of a field must be doubled/);
  expect(second).toMatch(/^3! a quote inside of a field must be doubled/);
  expect(third).toBe("4: 3|fine");
});

test("a quote that is never closed swallows no other row", async () => {
  const rows = Array.from({ length: 50 }, (_, index) => `${index},plain`).join("\n");
  const read1 = await read(`a,b\n1,"open\n${rows}\n`);
  expect(read1[1]).toBe("2! a quote is opened and never closed");
  expect(read1.slice(2)).toEqual(
    rows.split("\n").map((row, index) => `${index + 3}: ${row.replace(",", "|")}`),
  );
});

test("neither does one that meets the quotes of a later row", async () => {
  expect((await read('a,b\n1,"open\n2,plain\n3,"x\ny"\n4,"z"\n')).map((item) => item.slice(0, 20))).toEqual([
    "1: a|b",
    "2! a quote is opened",
    "3: 2|plain",
    "4: 3|x\ny",
    "6: 4|z",
  ]);
});

test("a record with too few or too many columns", async () => {
  expect(await read("a,b,c\n1,2\n1,2,3,4\n1,2,3\n")).toEqual([
    "1: a|b|c",
    "2! has 2 columns where the header has 3",
    "3! has 4 columns where the header has 3",
    "4: 1|2|3",
  ]);
});

test.each([
  [";", 'Handle;Title;Price\n1;a,b;"x;y"\n'],
  ["\t", 'Handle\tTitle\tPrice\n1\ta,b\t"x;y"\n'],
  ["|", '\ufeffsep=|\r\n\r\nHandle|Title|Price\r\n1|a,b|"x;y"\r\n'],
  [";", 'sep=;\nHandle;Title;Price\n1;a,b;"x;y"\n'],
  [";", '"sep=;";;\nHandle;Title;Price\n1;a,b;"x;y"\n'],
])("fields separated by %j, as the header shows", async (delimiter, text) => {
  const records = await collect(csvRecords(linesIn(text)));
  expect(records.map((record) => (record.kind === "record" ? record.fields : record.message))).toEqual([
    ["Handle", "Title", "Price"],
    ["1", "a,b", "x;y"],
  ]);
  expect(records[1]).toMatchObject({ delimiter });
});

test("separators without a column, at the end of a row", async () => {
  expect(await read("a,b\n1,2,,\n1,2,,x\n")).toEqual([
    "1: a|b",
    "2: 1|2",
    "3! has 4 columns where the header has 2",
  ]);
});

test("an open quote on the last line, and on the only one", async () => {
  expect(await read('a,b\n1,"x')).toEqual(["1: a|b", "2! a quote is opened and never closed"]);
  expect(await read('"a')).toEqual(["1! a quote is opened and never closed"]);
});

test("an open quote gives up after a megabyte, and the rows it had swallowed are read", async () => {
  const row = `1,${"x".repeat(9_000)}`;
  const items = await collect(csvRecords(linesIn(`a,b\n1,"open\n${`${row}\n`.repeat(150)}`)));
  expect(items.filter(({ kind }) => kind === "record")).toHaveLength(151);
  expect(items.filter(({ kind }) => kind === "problem")).toHaveLength(1);
});

test("a line that is not UTF-8 ends the record it stands in, and only that", async () => {
  const text = Buffer.from('a,b\n1,"x\ncaf\xe9\n2,y\n', "latin1");
  expect(await read(text)).toEqual([
    "1: a|b",
    "2! a quote is opened and never closed",
    "3! is not UTF-8",
    "4: 2|y",
  ]);
});
