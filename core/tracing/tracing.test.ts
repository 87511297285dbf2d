import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { readConfig } from "../config/config.ts";
import type { TracingSettings } from "../config/tracing-settings.ts";
import { openLogger } from "../telemetry/logger.ts";
import { captureLines } from "../testing/lines.ts";
import { activeSpan, inSpan, outgoingTraceparent, runInSpan, spanning } from "./span.ts";
import { openTracing, type Tracing } from "./tracing.ts";

const log = openLogger(readConfig({ LOG_LEVEL: "INFO" }));

const OTHERS = { trustsCallers: false, endpoint: undefined, isKept: true };

const opened = async (settings: Partial<TracingSettings> = {}, random?: () => number): Promise<Tracing> => {
  const all = { isOn: true, ratio: 1, ...OTHERS, ...settings };
  const tracing = openTracing(all, log, random);
  await tracing?.ready;
  if (!tracing) throw new Error("tracing is off");
  return tracing;
};

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = { traceId: TRACE, spanId: "b7ad6b7169203331", isSampled: true };

test("is nothing where it is off", () => {
  expect(openTracing({ isOn: false, ratio: 1, ...OTHERS }, log)).toBeUndefined();
});

test("keeps the given share of the traces that begin here", async () => {
  let drawn = 0;
  const tracing = await opened({ ratio: 0.25 }, () => (drawn++ % 100) / 100);
  // As many in a second as may be kept.
  const kept = Array.from({ length: 100 }, (_, at) =>
    tracing.begin("work", "server", undefined, at * 100, {}),
  );
  expect(kept.filter((span) => span !== undefined)).toHaveLength(25);
});

test("follows a parent's decision, whatever the share", async () => {
  const none = await opened({ ratio: 0 });
  expect(none.begin("work", "server", PARENT, 0, {})?.context.traceId).toBe(TRACE);
  const all = await opened({ ratio: 1 });
  expect(all.begin("work", "server", { ...PARENT, isSampled: false }, 0, {})).toBeUndefined();
  expect(all.begin("work", "server", { traceId: TRACE }, 0, {})?.context.traceId).toBe(TRACE);
});

test("keeps 50 traces a second at the most, though callers ask for more", async () => {
  const tracing = await opened();
  const inSecond = (second: number) =>
    Array.from({ length: 80 }, () => tracing.begin("work", "server", PARENT, second * 1_000 + 1, {})).filter(
      (span) => span !== undefined,
    );
  expect(inSecond(1)).toHaveLength(50);
  expect(inSecond(2)).toHaveLength(50);
});

const FORCING = [
  { traceparent: `00-${TRACE}-${PARENT.spanId}-01` },
  { "x-amzn-trace-id": `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${PARENT.spanId};Sampled=1` },
] as Record<string, string>[];

test.each(FORCING)(
  "a stranger's flag in %j keeps no trace, and takes none of the shop's places",
  async (headers) => {
    let share = 1;
    const tracing = await opened({ ratio: 0.5 }, () => share);
    for (let call = 0; call < 100; call++)
      expect(tracing.beginRequest("GET /products", headers, 1_000)).toBeUndefined();
    share = 0;
    const own = Array.from({ length: 60 }, () => tracing.beginRequest("GET /products", {}, 1_001));
    expect(own.filter((span) => span !== undefined)).toHaveLength(50);
  },
);

test.each(FORCING)("a trace kept by chance goes on with the ids in %j", async (headers) => {
  const tracing = await opened({ ratio: 1 });
  tracing.beginRequest("GET /products", headers, 1_000)?.end();
  expect(tracing.store?.trace(TRACE)).toMatchObject([{ parentId: PARENT.spanId, kind: "server" }]);
  const unwanted = { traceparent: `00-${TRACE}-${PARENT.spanId}-00` };
  expect(tracing.beginRequest("GET /products", unwanted, 2_000)?.context.traceId).toBe(TRACE);
});

test("trusted callers decide about their traces", async () => {
  const none = await opened({ ratio: 0, trustsCallers: true });
  for (const headers of FORCING)
    expect(none.beginRequest("GET /products", headers, 1_000)?.context.traceId).toBe(TRACE);
  const all = await opened({ ratio: 1, trustsCallers: true });
  const unwanted = { traceparent: `00-${TRACE}-${PARENT.spanId}-00` };
  expect(all.beginRequest("GET /products", unwanted, 1_000)).toBeUndefined();
});

test("callers are strangers unless a setting says otherwise", () => {
  expect(readConfig({}).tracing.trustsCallers).toBe(false);
  expect(readConfig({ TRACING_TRUST: "on" }).tracing.trustsCallers).toBe(true);
});

test("spans are under the one that was under way, across waits and beside others", async () => {
  const tracing = await opened();
  const root = tracing.begin("root", "server", PARENT, performance.now(), {});
  if (!root) throw new Error("not sampled");
  await spanning(root, async () => {
    await Promise.all(
      ["a", "b"].map((name) =>
        inSpan(name, "internal", { name }, async () => {
          await sleep(1);
          await inSpan(`under ${name}`, "client", undefined, () => sleep(1));
        }),
      ),
    );
  });
  expect(activeSpan()).toBeUndefined();
  const spans = tracing.store?.trace(TRACE) ?? [];
  const idOf = (name: string) => spans.find((span) => span.name === name)?.spanId;
  const parents = Object.fromEntries(spans.map(({ name, parentId }) => [name, parentId]));
  expect(parents).toEqual({
    root: PARENT.spanId,
    a: idOf("root"),
    b: idOf("root"),
    "under a": idOf("a"),
    "under b": idOf("b"),
  });
});

test("a call goes on with the trace by a traceparent, and with none outside of one", async () => {
  const tracing = await opened();
  const span = tracing.begin("root", "server", PARENT, 0, {});
  if (!span) throw new Error("not sampled");
  const header = runInSpan(span, outgoingTraceparent);
  expect(header).toBe(`00-${TRACE}-${span.context.spanId}-01`);
  expect(outgoingTraceparent()).toBeUndefined();
});

test("a failure is on its span, and goes on", async () => {
  const tracing = await opened();
  const span = tracing.begin("root", "server", PARENT, 0, {});
  if (!span) throw new Error("not sampled");
  const failing = spanning(span, () => Promise.reject(new TypeError("broken")));
  await expect(failing).rejects.toThrow("broken");
  expect(tracing.store?.trace(TRACE)?.[0]).toMatchObject({
    failure: "broken",
    attributes: { "error.type": "TypeError" },
  });
});

test("a log line of a span carries the trace's id", async () => {
  const lines = captureLines();
  const tracing = await opened();
  const span = tracing.begin("root", "server", PARENT, 0, {});
  if (!span) throw new Error("not sampled");
  runInSpan(span, () => log.info("within"));
  log.info("outside");
  expect(lines).toMatchObject([{ message: "within", trace_id: TRACE }, { message: "outside" }]);
  expect(lines[1]).not.toHaveProperty("trace_id");
});
