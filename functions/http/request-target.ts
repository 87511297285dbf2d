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
 * percent-encoded ones, and makes slashes of backslashes. A filter in front of the server has seen another path.
 *
 * @param segments of the path as it was sent; undefined when none of {@link RAW_PATTERNS} took it
 */
export const isRewritten = (path: string, segments: number | undefined): boolean => {
  const isPlain = !path.endsWith("/") && !path.includes("//");
  if (segments !== undefined) return !isPlain || countSlashes(path) !== segments;
  return isPlain && countSlashes(path) <= MAX_SEGMENTS;
};

const countSlashes = (path: string): number => {
  let count = 0;
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) count += 1;
  return count;
};
