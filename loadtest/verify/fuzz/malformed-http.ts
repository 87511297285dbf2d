/** Bytes that no correct client sends, or seldom. Each carries a write that must not be made. */
export interface MalformedRequest {
  readonly name: string;
  /** Sent one after the other, with a pause between them. */
  readonly bytes: readonly string[];
  /** Whether HTTP allows it after all: then it may be served, as one request. */
  readonly isAllowed?: boolean;
}

/** The cart that none of the writes may reach. */
export const VICTIM = "smuggled";

const BODY = '{"product_id":1,"quantity":1}';
const LENGTH = BODY.length;

const head = (...lines: string[]): string => [...lines, "", ""].join("\r\n");

/** A complete write, as the body of another request or behind its end. */
const WRITE = `${head(
  `POST /cart/${VICTIM}/items HTTP/1.1`,
  "Host: shop",
  "Content-Type: application/json",
  `Content-Length: ${LENGTH}`,
)}${BODY}`;

/** A write with headers of its own. */
const write = (...lines: string[]): string =>
  `${head(`POST /cart/${VICTIM}/items HTTP/1.1`, "Host: shop", "Content-Type: application/json", ...lines)}${BODY}`;

/** The same write in one chunk. */
const chunked = (size: string, end = "0\r\n\r\n", ...lines: string[]): string =>
  `${head(
    `POST /cart/${VICTIM}/items HTTP/1.1`,
    "Host: shop",
    "Content-Type: application/json",
    "Transfer-Encoding: chunked",
    ...lines,
  )}${size}\r\n${BODY}\r\n${end}`;

const HEX = LENGTH.toString(16);
const refused = (name: string, ...bytes: string[]): MalformedRequest => ({ name, bytes });
const allowed = (name: string, ...bytes: string[]): MalformedRequest => ({ name, bytes, isAllowed: true });

const FRAMING = [
  refused("Content-Length and Transfer-Encoding", write("Content-Length: 4", "Transfer-Encoding: chunked")),
  refused("Transfer-Encoding and Content-Length", chunked(HEX, "0\r\n\r\n", `Content-Length: ${LENGTH}`)),
  refused("two different Content-Lengths", write("Content-Length: 4", `Content-Length: ${LENGTH}`)),
  refused("a list of Content-Lengths", write(`Content-Length: ${LENGTH}, 4`)),
  ...["+29", "-1", "0x1d", "29 29", "2 9", "29a", "", "99999999999999999999", "1e1"].map((length) =>
    refused(`Content-Length ${JSON.stringify(length)}`, write(`Content-Length: ${length}`)),
  ),
  ...[
    "x-chunked",
    "identity",
    "gzip",
    "chunked, chunked",
    "chunked, gzip",
    "cow",
    "\u000bchunked",
    "chunked;q=1",
  ].map((coding) =>
    refused(`Transfer-Encoding ${JSON.stringify(coding)}`, write(`Transfer-Encoding: ${coding}`)),
  ),
  refused("Transfer-Encoding twice", chunked(HEX, "0\r\n\r\n", "Transfer-Encoding: identity")),
  refused("a space before the colon", write(`Content-Length : ${LENGTH}`)),
  refused(
    "Transfer-Encoding with a space before the colon",
    write("Transfer-Encoding : chunked", "Content-Length: 3"),
  ),
  ...["x", "", "-1", "0x1d", "1d g", "ffffffffffffffff", "fffffffffffffffff", " 1d", "+1d"].map((size) =>
    refused(`chunk size ${JSON.stringify(size)}`, chunked(size)),
  ),
  refused("a chunk longer than its size", chunked("4")),
  refused("a chunk without its line end", chunked(HEX).replace(`${BODY}\r\n`, BODY)),
  refused(
    "bare line feeds around chunks",
    chunked(HEX).replace(`${HEX}\r\n${BODY}\r\n`, `${HEX}\n${BODY}\n`),
  ),
  refused("a chunk extension of 100 KB", chunked(`${HEX};${"x".repeat(100_000)}`)),
  refused("trailers", chunked(HEX, "0\r\nX-Trailer: 1\r\n\r\n")),
  refused("announced trailers", chunked(HEX, "0\r\nX-Trailer: 1\r\n\r\n", "Trailer: X-Trailer")),
  refused("a trailer that is a framing header", chunked(HEX, "0\r\nContent-Length: 5\r\n\r\n")),
];

const HEADERS = [
  refused("a folded header", write("X-Folded: a\r\n b", `Content-Length: ${LENGTH}`)),
  refused("a header line without a colon", write("garbage", `Content-Length: ${LENGTH}`)),
  refused("a header without a name", write(": value", `Content-Length: ${LENGTH}`)),
  refused("a header name with a space", write("X Y: 1", `Content-Length: ${LENGTH}`)),
  refused("a header name with a bracket", write("X[]: 1", `Content-Length: ${LENGTH}`)),
  refused("NUL in a header's value", write("X-Nul: a\0b", `Content-Length: ${LENGTH}`)),
  refused("NUL in a header's name", write("X\0: a", `Content-Length: ${LENGTH}`)),
  refused("a bare carriage return in a value", write("X-Cr: a\rb", `Content-Length: ${LENGTH}`)),
  refused("a control character in a value", write("X-Bell: a\u0007b", `Content-Length: ${LENGTH}`)),
  refused("no Host", WRITE.replace("Host: shop\r\n", "")),
  refused("two Hosts", WRITE.replace("Host: shop", "Host: shop\r\nHost: other")),
  refused("an invalid Host", WRITE.replace("Host: shop", "Host: a b/c@d")),
  refused("a header of 100 KB", write(`X-Long: ${"x".repeat(100_000)}`, `Content-Length: ${LENGTH}`)),
  refused(
    "10,000 headers",
    write(...Array.from({ length: 10_000 }, (_, i) => `X-${i}: 1`), `Content-Length: ${LENGTH}`),
  ),
  refused("bare line feeds", WRITE.replaceAll("\r\n", "\n")),
  refused("a space before the first header", WRITE.replace("Host:", " Host:")),
];

const line = (first: string): string => WRITE.replace(`POST /cart/${VICTIM}/items HTTP/1.1`, first);

const REQUEST_LINE = [
  ...["HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/1.1x", "http/1.1", "HTTP/11", "HTTP/1.", ""].map((version) =>
    refused(`version ${JSON.stringify(version)}`, line(`POST /cart/${VICTIM}/items ${version}`)),
  ),
  ...["post", "Post", "POSTS", "P\0ST", "PO ST", "", "(POST)"].map((method) =>
    refused(`method ${JSON.stringify(method)}`, line(`${method} /cart/${VICTIM}/items HTTP/1.1`)),
  ),
  ...["TRACE", "CONNECT", "PATCH", "PROPFIND", "PRI"].map((method) =>
    refused(`method ${method}`, line(`${method} /cart/${VICTIM}/items HTTP/1.1`)),
  ),
  ...[
    "*",
    "cart",
    "",
    "//evil/cart",
    `/cart/x/../${VICTIM}/items`,
    `/cart/%2e%2e/cart/${VICTIM}/items`,
    `/x\\..\\cart/${VICTIM}/items`,
    `/cart%2f${VICTIM}/items`,
    `/cart/${VICTIM}%2Fitems`,
    `/cart/${VICTIM}/items%00`,
    `/cart/%zz/items`,
    `/cart/%c3%28/items`,
    `/cart/${VICTIM}\u0080/items`,
    `/cart/${VICTIM}\0/items`,
    `/cart/${VICTIM}/items#x`,
    `/cart/${VICTIM}\t/items`,
    `http://shop/cart/x/../${VICTIM}/items`,
    `/${"x".repeat(100_000)}`,
  ].map((target) =>
    refused(`target ${JSON.stringify(target.slice(0, 40))}`, line(`POST ${target} HTTP/1.1`)),
  ),
  refused("a request line of NULs", "\0".repeat(100)),
  refused("TLS on a plain port", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"),
  refused("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  refused("binary", Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("")),
];

/** Reads only, because these may be served. */
const read = (first: string, ...lines: string[]): string => head(first, ...lines);

const UNUSUAL = [
  allowed("HTTP/1.0 without Host", read("GET /products/1 HTTP/1.0")),
  allowed("absolute form", read("GET http://shop/products/1 HTTP/1.1", "Host: shop")),
  allowed("two requests at once", read("GET /products/1 HTTP/1.1", "Host: shop").repeat(2)),
  allowed("empty lines before a request", `\r\n\r\n${read("GET /products/1 HTTP/1.1", "Host: shop")}`),
  allowed(
    "Expect: 100-continue",
    read("POST /cart/waiting/items HTTP/1.1", "Host: shop", "Expect: 100-continue", "Content-Length: 9"),
  ),
  allowed("a byte at a time", ...read("GET /products/1 HTTP/1.1", "Host: shop")),
  allowed(
    "an upgrade to WebSocket",
    read(
      "GET /products/1 HTTP/1.1",
      "Host: shop",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
      "Sec-WebSocket-Version: 13",
    ),
  ),
  allowed(
    "an upgrade to h2c",
    read(
      "GET /products/1 HTTP/1.1",
      "Host: shop",
      "Upgrade: h2c",
      "Connection: Upgrade, HTTP2-Settings",
      "HTTP2-Settings: AAAA",
    ),
  ),
];

export const MALFORMED: readonly MalformedRequest[] = [...FRAMING, ...HEADERS, ...REQUEST_LINE, ...UNUSUAL];
