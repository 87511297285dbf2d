import { expect, test } from "vitest";
import { type EndedSpan, openTraceStore } from "./trace-store.ts";

const spanOf = (traceId: string, startedAt = 0): EndedSpan => ({
  traceId,
  spanId: `${startedAt}`,
  parentId: undefined,
  name: "work",
  kind: "internal",
  startedAt,
  ms: 1,
  attributes: {},
  failure: undefined,
});

test("keeps the last 200 traces; one that goes on counts as new", () => {
  const store = openTraceStore();
  for (let at = 0; at < 200; at++) store.add(spanOf(`t${at}`));
  store.add(spanOf("t0", 1));
  store.add(spanOf("new"));
  expect(store.ids().slice(0, 2)).toEqual(["new", "t0"]);
  expect(store.ids()).toHaveLength(200);
  expect(store.trace("t1")).toBeUndefined();
});

test("gives a trace's spans by their beginnings, and keeps 500 of them at the most", () => {
  const store = openTraceStore();
  for (let at = 600; at > 0; at--) store.add(spanOf("t", at));
  const spans = store.trace("t") ?? [];
  expect(spans).toHaveLength(500);
  expect(spans.map(({ startedAt }) => startedAt)).toEqual(Array.from({ length: 500 }, (_, at) => at + 101));
});
