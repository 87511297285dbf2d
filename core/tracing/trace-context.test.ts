import { expect, test } from "vitest";
import { formatTraceparent, parseTraceparent, traceContextOf } from "./trace-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

test("a traceparent names the trace, the caller's span and whether they are kept", () => {
  expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({
    traceId: TRACE,
    spanId: SPAN,
    isSampled: true,
  });
  expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)).toMatchObject({ isSampled: false });
  expect(parseTraceparent(`00-${TRACE}-${SPAN}-03`)).toMatchObject({ isSampled: true });
  expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-of-a-later-version`)).toMatchObject({ traceId: TRACE });
  const header = `00-${TRACE}-${SPAN}-01`;
  expect(formatTraceparent({ traceId: TRACE, spanId: SPAN, isSampled: true })).toBe(header);
});

test.each([
  undefined,
  "",
  "nonsense",
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-01-more`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${"0".repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE.slice(1)}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-1`,
  `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
])("%s is no traceparent", (header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});

test.each([
  ["Root=1-67891233-abcdef012345678912345678", { spanId: undefined, isSampled: undefined }],
  [
    "Self=1-67891233-000000000000000000000001;Root=1-67891233-abcdef012345678912345678",
    { spanId: undefined },
  ],
  [
    "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1",
    { spanId: "53995c3f42cd8ad8", isSampled: true },
  ],
  ["Root=1-67891233-abcdef012345678912345678;Parent=53995C3F42CD8AD8;Sampled=0", { isSampled: false }],
  ["Root=1-67891233-abcdef012345678912345678;Sampled=?", { isSampled: undefined }],
])("a load balancer's %s names its trace", (header, expected) => {
  const context = traceContextOf({ "x-amzn-trace-id": header });
  expect(context).toMatchObject({ traceId: "67891233abcdef012345678912345678", ...expected });
});

test.each([
  "Root=2-67891233-abcdef012345678912345678",
  "Root=1-6789",
  "Self=1-67891233-abcdef012345678912345678",
])("%s names no trace", (header) => {
  expect(traceContextOf({ "x-amzn-trace-id": header })).toBeUndefined();
});

test("a caller's own trace goes before the load balancer's, unless it is broken", () => {
  const amazon = { "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678" };
  expect(traceContextOf({ traceparent: `00-${TRACE}-${SPAN}-01`, ...amazon })?.traceId).toBe(TRACE);
  expect(traceContextOf({ traceparent: "00-broken", ...amazon })?.traceId).toBe(
    "67891233abcdef012345678912345678",
  );
});
