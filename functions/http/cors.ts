/** Headers that browsers may send from another origin, beside the simple ones. */
export const ALLOWED_HEADERS =
  "content-type, idempotency-key, if-none-match, x-request-id, authorization, x-cart-token";
const EXPOSED_HEADERS = [
  "etag, location, x-request-id, idempotency-replayed, cache-status, x-cache",
  "retry-after, ratelimit, ratelimit-policy, www-authenticate",
].join(", ");

/** The headers by which browsers may use an answer from pages of the origin. */
export const corsHeadersFor = (origin: string | undefined): Readonly<Record<string, string>> =>
  origin === undefined ? {} : headersFor(origin);

const headersFor = (origin: string) => ({
  "access-control-allow-origin": origin,
  "access-control-expose-headers": EXPOSED_HEADERS,
  ...(origin !== "*" && { vary: "origin" }),
});
