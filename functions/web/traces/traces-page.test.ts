import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { type EndedSpan, openTraceStore } from "../../../core/tracing/trace-store.ts";
import { traceRoutes } from "./trace-routes.ts";
import { POLICY, tracePage } from "./traces-page.ts";
import { duration, rowsOf } from "./waterfall.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

const spanOf = (spanId: string, parentId: string | undefined, span: Partial<EndedSpan> = {}): EndedSpan => ({
  traceId: TRACE,
  spanId,
  parentId,
  name: spanId,
  kind: "internal",
  startedAt: 1_000,
  ms: 1,
  attributes: {},
  failure: undefined,
  ...span,
});

test("spans stand under their parents; those whose parent is elsewhere stand by themselves", () => {
  const spans = [spanOf("a", "elsewhere"), spanOf("b", "a"), spanOf("d", "gone"), spanOf("c", "b")];
  expect(rowsOf(spans).map(({ spanId, depth }) => [spanId, depth])).toEqual([
    ["a", 0],
    ["b", 1],
    ["c", 2],
    ["d", 0],
  ]);
});

test("times have a unit that fits", () => {
  expect([0.0124, 3.142_6, 2_500].map(duration)).toEqual(["12 µs", "3.1 ms", "2.50 s"]);
});

test("a bar is as long as its span's share of the trace, and a failed one is marked", () => {
  const page = tracePage(TRACE, [
    spanOf("whole", undefined, { ms: 10 }),
    spanOf("half", "whole", { startedAt: 1_005, ms: 5, failure: "timed out" }),
  ]);
  const bars = [...page.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="\d+" width="([\d.]+)"/g)];
  const [whole, half] = bars.map(([, style, x, width]) => ({ style, x: Number(x), width: Number(width) }));
  expect(half?.width).toBeCloseTo((whole?.width ?? 0) / 2, 0);
  expect(half?.x).toBeCloseTo((whole?.x ?? 0) + (whole?.width ?? 0) / 2, 0);
  expect([whole?.style, half?.style]).toEqual(["internal", "failed"]);
  expect(page).toContain("timed out");
});

test("nothing in a span is markup", () => {
  const hostile = '<script>alert("x")</script>';
  const page = tracePage(TRACE, [
    spanOf("a", undefined, { name: hostile, failure: hostile, attributes: { [hostile]: hostile } }),
  ]);
  expect(page).not.toContain("<script");
  expect(page).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;");
});

test("the page's one style is the one that its policy allows", () => {
  const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(tracePage(TRACE, [spanOf("a", undefined)])) ?? [];
  expect(POLICY).toContain(`'sha256-${createHash("sha256").update(style).digest("base64")}'`);
});

test("traces are there for those that the guard lets through, and unknown ones are not found", async () => {
  const store = openTraceStore();
  store.add(spanOf("a", undefined));
  let guards = 0;
  const routes = traceRoutes(store, (answer) => {
    guards += 1;
    return answer;
  });
  expect(guards).toBe(Object.keys(routes).length);
  const get = async (path: string): Promise<Response> => {
    const route = routes[path.startsWith("/console/traces/") ? "/console/traces/:trace" : path];
    const answer = await route?.GET?.(new Request(`http://localhost${path}`), {} as never);
    if (!answer) throw new Error(`no route for ${path}`);
    return answer;
  };
  expect(await (await get("/console/traces")).text()).toContain(`href="traces/${TRACE}"`);
  expect(await (await get(`/console/traces/${TRACE}.json`)).json()).toMatchObject({
    trace_id: TRACE,
    spans: [{ name: "a" }],
  });
  const missing = await get(`/console/traces/${"f".repeat(32)}`);
  expect([missing.status, await missing.json()]).toMatchObject([404, { error: "TRACE_NOT_FOUND" }]);
  expect(traceRoutes(undefined, (answer) => answer)).toEqual({});
});
