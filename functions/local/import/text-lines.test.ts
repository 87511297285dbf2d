import { expect, test } from "vitest";
import { chunksOf, collect, linesIn } from "./testing.ts";
import { MAX_LINE_BYTES, readLines } from "./text-lines.ts";

const texts = async (bytes: string | Uint8Array) =>
  (await collect(linesIn(bytes))).map((line) => (line.kind === "text" ? line.text : line.message));

test.each([
  ["LF", "one\ntwo\nthree\n"],
  ["CRLF", "one\r\ntwo\r\nthree\r\n"],
  ["no end on the last line", "one\ntwo\nthree"],
  ["a byte order mark", "\ufeffone\ntwo\nthree"],
])("lines with %s", async (_, text) => {
  expect(await texts(text)).toEqual(["one", "two", "three"]);
});

test("lines are counted from 1, blank ones too", async () => {
  const lines = await collect(linesIn("one\n\n\ntwo"));
  expect(lines.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
});

test("characters of several bytes survive being cut", async () => {
  expect(await texts("täglich – 漢字 🪑\nzwei")).toEqual(["täglich – 漢字 🪑", "zwei"]);
});

test("Unicode's own line separators end no line", async () => {
  expect(await texts("a\u2028b\u0085c\rd\n")).toEqual(["a\u2028b\u0085c\rd"]);
});

test("another encoding is named, not guessed, and spoils its own line alone", async () => {
  const latin1 = Buffer.concat([
    Buffer.from("one\n"),
    Buffer.from("caf\xe9\n", "latin1"),
    Buffer.from("three\n"),
  ]);
  expect(await texts(latin1)).toEqual(["one", "is not UTF-8", "three"]);
});

test("an endless line is dropped as it streams by", async () => {
  const text = `one\n${"x".repeat(MAX_LINE_BYTES + 1)}\nthree`;
  const lines = await collect(readLines(chunksOf(text, 65_536)));
  expect(lines.map(({ kind }) => kind)).toEqual(["text", "unreadable", "text"]);
});

test("an empty file has no lines", async () => {
  expect(await texts("")).toEqual([]);
});
