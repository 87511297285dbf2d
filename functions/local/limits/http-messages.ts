/** A request or an answer of HTTP/1.1. */
export interface Message {
  /** `POST / HTTP/1.1` or `HTTP/1.1 200 OK`. */
  readonly start: string;
  /** The value of a header by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly body: string;
}

/** Thrown for what is no message, or not one that is read here; the connection cannot go on. */
export class MessageError extends Error {
  override readonly name = "MessageError";
  /** The answer's for a request. */
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const MAX_HEAD = 16_384;
const MAX_BODY = 128 * 1_024 * 1_024;
const LINE_END = "\r\n";
const HEAD_END = Buffer.from(LINE_END + LINE_END);

type Head = Omit<Message, "body">;

const parseHead = (text: string): Head => {
  const lower = text.toLowerCase();
  return {
    start: text.split(LINE_END, 1)[0] ?? text,
    header: (name) => {
      const at = lower.indexOf(`${LINE_END}${name}:`);
      if (at < 0) return undefined;
      const from = at + LINE_END.length + name.length + 1;
      const end = text.indexOf(LINE_END, from);
      return text.slice(from, end < 0 ? undefined : end).trim();
    },
  };
};

const bodyLength = ({ header }: Head): number => {
  if (header("expect") !== undefined) throw new MessageError(417, "Expectations are not met");
  if (header("transfer-encoding") !== undefined) throw new MessageError(411, "A content-length is needed");
  const text = header("content-length") ?? "0";
  if (!/^\d+$/.test(text)) throw new MessageError(400, "The content-length is no number");
  if (Number(text) > MAX_BODY) throw new MessageError(413, `A body has at most ${MAX_BODY} bytes`);
  return Number(text);
};

/** Cuts the bytes of one connection into messages, wherever they were cut on their way. */
export const openMessages = () => {
  let chunks: Buffer[] = [];
  let size = 0;
  /** Bytes of the message whose head has arrived. */
  let wanted = 0;

  return {
    add(chunk: Buffer): void {
      chunks.push(chunk);
      size += chunk.length;
    },
    /** @returns undefined until the next message has arrived whole  @throws MessageError */
    next(): Message | undefined {
      if (size === 0 || size < wanted) return undefined;
      const [first] = chunks;
      const bytes = chunks.length === 1 && first ? first : Buffer.concat(chunks);
      chunks = [bytes];
      const headEnd = bytes.indexOf(HEAD_END);
      if (headEnd > MAX_HEAD || (headEnd < 0 && size > MAX_HEAD)) {
        throw new MessageError(431, `A head has at most ${MAX_HEAD} bytes`);
      }
      if (headEnd < 0) return undefined;
      const head = parseHead(bytes.toString("latin1", 0, headEnd));
      const bodyAt = headEnd + HEAD_END.length;
      wanted = bodyAt + bodyLength(head);
      if (size < wanted) return undefined;
      const body = bytes.toString("utf8", bodyAt, wanted);
      size -= wanted;
      chunks = size > 0 ? [bytes.subarray(wanted)] : [];
      wanted = 0;
      return { ...head, body };
    },
  };
};
