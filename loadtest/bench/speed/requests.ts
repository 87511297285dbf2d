/** Whole HTTP/1.1 requests as wrk sends them. */
const JSON_TYPE = { "content-type": "application/json" };

export const get = (path: string, headers: Readonly<Record<string, string>> = {}): string =>
  requestText("GET", path, headers);

export const post = (path: string, body?: unknown): string =>
  body === undefined
    ? requestText("POST", path, { "content-length": "0" })
    : requestText("POST", path, JSON_TYPE, JSON.stringify(body));

const requestText = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): string => {
  const all = {
    host: "127.0.0.1",
    ...headers,
    ...(body && { "content-length": String(Buffer.byteLength(body)) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
};
