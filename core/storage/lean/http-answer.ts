/** An HTTP/1.1 answer. */
export interface Answer {
  readonly statusCode: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Head {
  /** Whether the connection may be used again after the answer. */
  readonly isKept: boolean;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the body begins. */
  readonly end: number;
}

const HEAD_END = "\r\n\r\n";
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: |$)/;
/** Heads of DynamoDB have less than half a kilobyte. */
const MAX_HEAD = 65_536;

/** @throws Error for what is not HTTP */
const headOf = (bytes: Buffer): Head | undefined => {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) {
    if (bytes.length > MAX_HEAD) throw new Error("The answer's head does not end");
    return undefined;
  }
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const [, version, status] = STATUS_LINE.exec(statusLine) ?? [];
  if (status === undefined) throw new Error("The answer is not HTTP/1.1");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) throw new Error("The answer has a header without a name");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const isKept = version === "1" && !/\bclose\b/i.test(headers.connection ?? "");
  return { isKept, statusCode: Number(status), headers, end: end + HEAD_END.length };
};

/** The body of an answer in chunks, and where it ends; undefined while a part is missing. */
const bodyOfChunks = (bytes: Buffer, from: number): { body: Buffer; end: number } | undefined => {
  const chunks: Buffer[] = [];
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = /^[\da-f]{1,8}(?=[\s;]|$)/i.exec(bytes.toString("latin1", at, lineEnd))?.[0];
    if (size === undefined) throw new Error("The answer has a chunk without a size");
    const start = lineEnd + 2;
    const end = start + Number.parseInt(size, 16);
    if (end > start) {
      if (bytes.length < end + 2) return undefined;
      chunks.push(bytes.subarray(start, end));
      at = end + 2;
      continue;
    }
    // After the last chunk come trailers, if any, and an empty line.
    const last = bytes.indexOf(HEAD_END, lineEnd);
    return last < 0 ? undefined : { body: Buffer.concat(chunks), end: last + HEAD_END.length };
  }
};

const LENGTH = /^\d{1,15}$/;

/** Answers that have no body, whatever their heads say of it. */
const BODILESS = new Set([204, 304]);

/** A whole answer, and whether the connection may be used again. */
export interface ReadAnswer {
  readonly answer: Answer;
  readonly isKept: boolean;
}

/**
 * Reads one HTTP/1.1 answer as its bytes come: with a length, in chunks, or up to the end of the connection (RFC 9112,
 * section 6).
 */
export const openAnswerReader = () => {
  let received: Buffer[] = [];
  let size = 0;
  /** Bytes without which the answer cannot be whole. */
  let needed = 0;

  const finish = (answer: Answer, isKept: boolean): ReadAnswer => {
    received = [];
    size = 0;
    needed = 0;
    return { answer, isKept };
  };

  const read = (isEnded: boolean): ReadAnswer | undefined => {
    if (size < needed && !isEnded) return undefined;
    const bytes = received.length === 1 ? (received[0] as Buffer) : Buffer.concat(received);
    received = [bytes];
    const head = headOf(bytes);
    if (!head) return undefined;
    const { isKept, statusCode, headers, end } = head;
    if (statusCode < 200) {
      // Something before the answer itself, such as "100 Continue".
      received = [bytes.subarray(end)];
      size -= end;
      return read(isEnded);
    }
    const coding = headers["transfer-encoding"];
    if (coding !== undefined) {
      if (coding.toLowerCase() !== "chunked")
        throw new Error(`The answer has the transfer coding "${coding}"`);
      const chunked = bodyOfChunks(bytes, end);
      return chunked && finish({ statusCode, headers, body: chunked.body }, isKept && chunked.end === size);
    }
    const length = BODILESS.has(statusCode) ? "0" : headers["content-length"];
    if (length === undefined) {
      return isEnded ? finish({ statusCode, headers, body: bytes.subarray(end) }, false) : undefined;
    }
    if (!LENGTH.test(length)) throw new Error(`The answer has the length "${length}"`);
    needed = end + Number(length);
    if (size < needed) return undefined;
    return finish({ statusCode, headers, body: bytes.subarray(end, needed) }, isKept && size === needed);
  };

  return {
    /**
     * @returns the answer as soon as it is whole, and whether the connection may be used again
     * @throws Error for what is not an HTTP answer
     */
    push(chunk: Buffer): ReadAnswer | undefined {
      received.push(chunk);
      size += chunk.length;
      return read(false);
    },
    /** At the connection's end: an answer that has no other end. @throws Error as `push` does */
    end: (): ReadAnswer | undefined => (size > 0 ? read(true) : undefined),
  };
};
