import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../../loadtest/harness/property-runs.ts";
import { openAnswerReader, type ReadAnswer } from "./http-answer.ts";

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/).map((name) => `x-${name}`);
const value = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,20}[\x21-\x7e])?$/);

const written = fc.record({
  status: fc.constantFrom(200, 400, 500, 503),
  headers: fc.dictionary(token, value, { maxKeys: 5, noNullPrototype: true }),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  framing: fc.constantFrom("length", "chunks", "end"),
  /** Where it is cut on its way, as parts of its length. */
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
  chunk: fc.integer({ min: 1, max: 120 }),
  isInterim: fc.boolean(),
});
type Written = (typeof written extends fc.Arbitrary<infer W> ? W : never) & object;

const chunksOf = (body: Buffer, size: number): Buffer => {
  const parts: (Buffer | string)[] = [];
  for (let at = 0; at < body.length; at += size) {
    const chunk = body.subarray(at, at + size);
    parts.push(`${chunk.length.toString(16)}\r\n`, chunk, "\r\n");
  }
  return Buffer.concat([...parts, "0\r\n\r\n"].map((part) => Buffer.from(part as Buffer)));
};

const bytesOf = ({ status, headers, body, framing, chunk, isInterim }: Written): Buffer => {
  const framed = {
    length: `Content-Length: ${body.length}\r\n`,
    chunks: "Transfer-Encoding: Chunked\r\n",
    end: "",
  };
  const lines = Object.entries(headers).map(([name, text]) => `${name.toUpperCase()}:  ${text} \r\n`);
  const head = `HTTP/1.1 ${status} Some Reason\r\n${lines.join("")}${framed[framing as keyof typeof framed]}\r\n`;
  const interim = isInterim ? "HTTP/1.1 100 Continue\r\n\r\n" : "";
  const sent = framing === "chunks" ? chunksOf(body, chunk) : body;
  return Buffer.concat([Buffer.from(interim + head), sent]);
};

const cut = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [...new Set([0, ...cuts.map((part) => Math.floor(part * bytes.length)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
};

/** @returns what was read, and by which part */
const readAll = (parts: readonly Buffer[]): [ReadAnswer | undefined, number] => {
  const reader = openAnswerReader();
  for (const [i, part] of parts.entries()) {
    const read = reader.push(part);
    if (read) return [read, i];
  }
  return [reader.end(), parts.length];
};

test("an answer is read as it was written, however it is framed, and cut on its way", () => {
  fc.assert(
    fc.property(written, (answer) => {
      const parts = cut(bytesOf(answer), answer.cuts);
      const [read, at] = readAll(parts);
      expect(read?.answer).toMatchObject({ statusCode: answer.status, headers: answer.headers });
      expect(read?.answer.body.equals(answer.body)).toBe(true);
      // It is whole with its last byte, and one without a length with the connection's end.
      expect(at).toBe(answer.framing === "end" ? parts.length : parts.length - 1);
      expect(read?.isKept).toBe(answer.framing !== "end");
    }),
    runs(500),
  );
});

test("an answer that is cut short is none", () => {
  fc.assert(
    fc.property(written, fc.double({ min: 0, max: 0.999, noNaN: true }), (answer, part) => {
      fc.pre(answer.framing !== "end");
      const bytes = bytesOf(answer);
      const [read] = readAll(cut(bytes.subarray(0, Math.floor(part * bytes.length)), answer.cuts));
      expect(read).toBeUndefined();
    }),
    runs(500),
  );
});

const answer = (head: string, body = ""): ReadAnswer | undefined =>
  readAll([Buffer.from(`${head}\r\n\r\n${body}`)])[0];

test.each([
  ["another version", "HTTP/2 200\r\ncontent-length: 0"],
  ["another protocol", "SSH-2.0-OpenSSH"],
  ["a header without a name", "HTTP/1.1 200 OK\r\n: 5"],
  ["a header that is none", "HTTP/1.1 200 OK\r\nfive"],
  ["a length that is none", "HTTP/1.1 200 OK\r\ncontent-length: -5"],
  ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6"],
  ["a chunk without a size", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked", "x\r\n"],
  ["an unknown coding", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked"],
])("%s is refused", (_, head, body = "") => {
  expect(() => answer(head, body)).toThrow(/^The answer (is not|has)/);
});

test("a head without an end is refused", () => {
  const reader = openAnswerReader();
  const line = Buffer.from(`x: ${"y".repeat(1_000)}\r\n`);
  const fill = () => {
    for (let i = 0; i < 100; i++) reader.push(line);
  };
  expect(fill).toThrow("The answer's head does not end");
});

test.each([
  ["a later version's", "HTTP/1.1 200 OK\r\ncontent-length: 2", "{}", true],
  ["an older version's", "HTTP/1.0 200 OK\r\ncontent-length: 2", "{}", false],
  ["one that says so", "HTTP/1.1 200 OK\r\nConnection: Close\r\ncontent-length: 2", "{}", false],
  ["one with more than its answer", "HTTP/1.1 200 OK\r\ncontent-length: 2", "{}{}", false],
  [
    "one with more than its chunks",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked",
    "2\r\n{}\r\n0\r\n\r\nx",
    false,
  ],
  [
    "one with trailers",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked",
    "2;a=b\r\n{}\r\n0\r\nx: y\r\n\r\n",
    true,
  ],
])("whether a connection is used again: %s", (_, head, body, isKept) => {
  expect(answer(head, body)).toMatchObject({ answer: { body: Buffer.from("{}") }, isKept });
});

test("an answer without a body ends with its head", () => {
  expect(answer("HTTP/1.1 204 No Content")).toMatchObject({ answer: { statusCode: 204 }, isKept: true });
});
