import fc from "fast-check";
import { expect, test } from "vitest";
import { ENDPOINTS } from "./endpoints.ts";
import { createMatcher, openParameterReader } from "./route-match.ts";

const match = createMatcher(ENDPOINTS);

/** A segment as a client may send it: any text percent-encoded, some of it needlessly, or no UTF-8 at all. */
const segment = fc.oneof(
  fc.string({ minLength: 1, unit: "grapheme" }).map(encodeURIComponent),
  fc
    .uint8Array({ minLength: 1, maxLength: 8 })
    .map((bytes) => Buffer.from(bytes).toString("hex"))
    .map((hex) => hex.replace(/../g, "%$&")),
  fc.stringMatching(/^[\w.~!$&'()*+,=:@-]{1,20}$/),
);

test("the parameters of a route that Bun has matched are those that the matcher finds", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ENDPOINTS),
      fc.array(segment, { minLength: 2, maxLength: 2 }),
      (endpoint, values) => {
        const { method, path } = endpoint.route;
        let used = 0;
        const asked = path.replace(/\{\w+\}/g, () => values[used++] ?? "");
        const found = match(method, asked);
        const isAnother = found.kind === "found" && found.endpoint !== endpoint; // `hot` is no product's number.
        fc.pre(!isAnother);
        const parameters = openParameterReader(path)(asked);
        expect(parameters ? { ...parameters } : "malformed").toEqual(
          found.kind === "found" ? { ...found.parameters } : found.kind,
        );
      },
    ),
    { numRuns: 1_000 },
  );
});
