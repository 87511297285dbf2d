import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSource, SourceError } from "./source.ts";
import { collect, exportOf, HEADER, lampRow } from "./testing.ts";

const folder = await mkdtemp(join(tmpdir(), "stampede-source-"));

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
    "sku,price\n1,2\n",
    /lacks the columns Handle, Title, Vendor, Option1 Value, Variant Price\./,
  ],
  ["almost.csv", HEADER.replace("Vendor,", ""), /lacks the column Vendor\./],
  ["array.json", '[{"sku":1}]', /is no CSV that can be read|lacks the columns/],
  ["mac.csv", exportOf(lampRow()).replaceAll("\n", "\r"), /ends its lines with CR alone/],
  ["latin1.csv", Buffer.from(`caf\xe9,${HEADER}`, "latin1"), /line 1 is not UTF-8/],
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
