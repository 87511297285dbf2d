/** Where a request wants to go: its path, still percent-encoded, and its query without the question mark. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

/**
 * Takes a request's URL apart without resolving it: it is absolute, but only the path and query when the
 * Host header is missing (HTTP/1.0) or nonsense, and neither is a reason to fail.
 */
export const targetOf = (url: string): Target => {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("://") + 3);
  const question = url.indexOf("?", start);
  return question === -1
    ? { path: url.slice(start), query: "" }
    : { path: url.slice(start, question), query: url.slice(question + 1) };
};
