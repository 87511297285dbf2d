import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openSource, SourceError } from "./source.ts";
import { collect, exportOf, HEADER, lampRow } from "./testing.ts";

const folder = await mkdtemp(join(tmpdir(), "stampede-source-"));
afterAll(() => rm(folder, { recursive: true }));

const fileOf = async (name: string, content: string | Uint8Array): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
};

test.each([
  ["products.csv", exportOf(lampRow()), "csv"],
  ["products.CSV", exportOf(lampRow()), "csv"],
  ["products.ndjson", "{}", "ndjson"],
  ["products.jsonl", "{}", "ndjson"],
  ["products.txt", '\ufeff\n  {"sku":1}', "ndjson"],
  ["products", `\n${exportOf(lampRow())}`, "csv"],
])("%s is read as what it is", async (name, content, format) => {
  expect(await openSource(await fileOf(name, content))).toMatchObject({ name, format });
});

test("all bytes are reported as they are read", async () => {
  const source = await openSource(await fileOf("bytes.csv", exportOf(lampRow())));
  let bytes = 0;
  const rows = await collect(
    source.rows((read) => {
      bytes += read;
    }),
  );
  expect(rows).toHaveLength(1);
  expect(bytes).toBe(source.size);
});

test("a file with a header and nothing else has no rows", async () => {
  const source = await openSource(await fileOf("header.csv", HEADER));
  expect(await collect(source.rows(() => undefined))).toEqual([]);
});

test.each([
  ["empty.csv", "", /is empty$/],
  ["blank.csv", "\n \r\n", /has only blank lines$/],
  ["blank.ndjson", "\n\n", /has only blank lines$/],
  [
    "other.csv",
    "sku,cost\n1,2\n",
    /lacks the columns Handle \(or URL handle\), Title, Variant Price \(or Price\)\. Fields may be separated/,
  ],
  ["almost.csv", HEADER.replace("Title,", ""), /lacks the column Title\./],
  ["sheet.csv", "PK\u0003\u0004rest", /is a spreadsheet or an archive: save it as "CSV UTF-8"/],
  ["packed.csv", Buffer.from([0x1f, 0x8b, 8, 0]), /is compressed/],
  ["array.json", '[{"sku":1}]', /is no CSV that can be read|lacks the columns/],
  ["mac.csv", exportOf(lampRow()).replaceAll("\n", "\r"), /ends its lines with CR alone/],
  ["mixed.csv", Buffer.from(`caf\xe9,${HEADER}\nCaf\xc3\xa9\n`, "latin1"), /line 1 is not UTF-8/],
])("%s is refused with the reason", async (name, content, message) => {
  const opening = openSource(await fileOf(name, content));
  await expect(opening).rejects.toBeInstanceOf(SourceError);
  await expect(opening).rejects.toThrow(message);
});

test("a missing file, a folder and a device are refused with the reason", async () => {
  await expect(openSource(join(folder, "nowhere.csv"))).rejects.toThrow(/^There is no file .*nowhere\.csv$/);
  await expect(openSource(folder)).rejects.toThrow(/is a folder/);
  await expect(openSource("/dev/null")).rejects.toThrow(/is not a regular file/);
});

const CAFE = exportOf(lampRow({ Title: "Caf\u00e9 \u2013 \u20ac" }));

/** Windows-1252 has these two elsewhere than Latin-1. */
const windows1252 = (text: string): Buffer =>
  Buffer.from(text.replace("\u2013", "\x96").replace("\u20ac", "\x80"), "latin1");

test.each([
  ["utf-8", Buffer.from(CAFE)],
  ["utf-8", Buffer.from(`\ufeff${CAFE}`)],
  ["utf-16le", Buffer.from(`\ufeff${CAFE}`, "utf16le")],
  ["utf-16le", Buffer.from(CAFE, "utf16le")],
  ["utf-16be", Buffer.from(`\ufeff${CAFE}`, "utf16le").swap16()],
  ["windows-1252", windows1252(CAFE)],
])("a file in %s", async (encoding, bytes) => {
  const source = await openSource(await fileOf("encoded.csv", bytes));
  expect(source.encoding).toBe(encoding);
  expect(await collect(source.rows(() => undefined))).toMatchObject([
    { handle: "oak-lamp", variants: [{ details: { name: "Caf\u00e9 \u2013 \u20ac" } }] },
  ]);
});

test("a file with some lines in UTF-8 and one that is not: that one is refused", async () => {
  const bytes = Buffer.concat([
    Buffer.from(exportOf(lampRow({ Title: "Caf\u00e9" }))),
    Buffer.from(lampRow({ Handle: "b", Title: "Caf\xe9" }), "latin1"),
  ]);
  const source = await openSource(await fileOf("broken.csv", bytes));
  expect(source.encoding).toBe("utf-8");
  expect(source.survey?.unreadable).toBe(1);
  expect((await collect(source.rows(() => undefined))).map(({ kind }) => kind)).toEqual([
    "product",
    "problem",
  ]);
});
