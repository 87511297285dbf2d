/** Where a request wants to go: its path, still percent-encoded, and its query without the question mark. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

/**
 * Takes a request's URL apart without resolving it: it is absolute, but only the path and query when the
 * Host header is missing (HTTP/1.0) or nonsense, which is refused elsewhere.
 */
export const targetOf = (url: string): Target => {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("://") + 3);
  const question = url.indexOf("?", start);
  return question === -1
    ? { path: url.slice(start), query: "" }
    : { path: url.slice(start, question), query: url.slice(question + 1) };
};

/** More segments than any route has. */
const MAX_SEGMENTS = 8;

/** Patterns for Bun's own matcher, which sees the path as it was sent: one for each number of segments. */
export const RAW_PATTERNS: readonly { readonly pattern: string; readonly segments: number }[] = Array.from(
  { length: MAX_SEGMENTS },
  (_, index) => ({
    pattern: Array.from({ length: index + 1 }, (__, at) => `/:s${at}`).join(""),
    segments: index + 1,
  }),
);

/**
 * Whether the runtime has rewritten the path on its way into a request's URL: it resolves dot segments, also
 * percent-encoded ones, makes slashes of backslashes, and takes a fragment for none of the path. A filter in front of
 * the server has seen another path.
 *
 * @param segments of the path as it was sent; undefined when none of {@link RAW_PATTERNS} took it
 */
export const isRewritten = (path: string, segments: number | undefined): boolean => {
  if (path.includes("#")) return true;
  const isPlain = !path.endsWith("/") && !path.includes("//");
  if (segments !== undefined) return !isPlain || countSlashes(path) !== segments;
  return isPlain && countSlashes(path) <= MAX_SEGMENTS;
};

/**
 * Whether a segment that the runtime's matcher took for a parameter is none of the path's: backslashes and dot segments
 * can make another path of as many segments (`/cart/a\..\b` becomes `/cart/b`).
 *
 * @param parameters as the matcher saw them, decoded
 */
export const isReplaced = (path: string, parameters: Readonly<Record<string, string>>): boolean => {
  for (const name in parameters) {
    const value = parameters[name] ?? "";
    if (value.includes("\\") && !decodedSegments(path).includes(value)) return true;
  }
  return false;
};

const decodedSegments = (path: string): string[] =>
  path.split("/").map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });

/** Characters outside any host and port. The runtime joins a second Host line to the first by a comma. */
const NO_HOST = /[\s,/\\@?#]/;

/** Whether a Host header names one host. Its absence is for HTTP/1.0, and the runtime refuses it elsewhere. */
export const isHost = (host: string | undefined): boolean => host === undefined || !NO_HOST.test(host);

const countSlashes = (path: string): number => {
  let count = 0;
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) count += 1;
  return count;
};
