/** Encodings in which a static answer is kept, the smallest first. */
export const ENCODINGS = ["br", "gzip", "identity"] as const;

export type Encoding = (typeof ENCODINGS)[number];

/** Optional white space, then a weight of at most three decimals (RFC 9110, section 12.4.2). */
const CODING = /^\s*([\w!#$%&'*+.^`|~-]+)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i;

/** Below any weight that a client can give: the content as it is, unless the client says otherwise. */
const UNNAMED_IDENTITY = 0.0001;

/**
 * Chooses the encoding a client prefers (RFC 9110, section 12.5.3), the smallest among equals. A client that
 * refuses all of them gets the content as it is: that serves it better than a 406.
 *
 * @param accepted the value of Accept-Encoding
 */
export const preferredEncoding = (accepted: string | null | undefined): Encoding => {
  if (!accepted) return "identity";
  const weights = new Map<string, number>();
  for (const item of accepted.split(",")) {
    const [, coding, weight = "1"] = CODING.exec(item) ?? [];
    if (coding) weights.set(coding.toLowerCase().replace(/^x-gzip$/, "gzip"), Number(weight));
  }
  const weightOf = (encoding: Encoding): number =>
    weights.get(encoding) ?? weights.get("*") ?? (encoding === "identity" ? UNNAMED_IDENTITY : 0);
  let best: Encoding = "identity";
  let highest = 0;
  for (const encoding of ENCODINGS) {
    const weight = weightOf(encoding);
    if (weight > highest) [best, highest] = [encoding, weight];
  }
  return best;
};
