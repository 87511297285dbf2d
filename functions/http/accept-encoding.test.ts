import { expect, test } from "vitest";
import { preferredEncoding } from "./accept-encoding.ts";

test.each([
  [undefined, "identity"],
  ["", "identity"],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip, deflate", "gzip"],
  ["x-gzip", "gzip"],
  ["GZIP", "gzip"],
  ["deflate, zstd", "identity"],
  ["br;q=0.5, gzip", "gzip"],
  ["br;q=0.5, gzip;q=0.8, identity;q=0.9", "identity"],
  ["br; q=0, gzip ;q=0.001", "gzip"],
  ["br;q=0,gzip;q=0", "identity"],
  ["*", "br"],
  ["*;q=0.5, br;q=0", "gzip"],
  ["identity, *;q=0.1", "identity"],
  ["identity;q=0, gzip;q=0.1", "gzip"],
  ["identity;q=0, *;q=0", "identity"],
  ["br;q=2, gzip;q=nonsense", "identity"],
  [`${"a,".repeat(5_000)}gzip`, "gzip"],
  [",,;q=1,\u0000", "identity"],
])("%j prefers %s", (accepted, encoding) => {
  expect(preferredEncoding(accepted)).toBe(encoding);
});
