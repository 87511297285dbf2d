/** The tracer by OpenTelemetry's SDK. Loaded only where tracing is on. */
import {
  SpanKind as OtelKind,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  RandomIdGenerator,
  type ReadableSpan,
  type SpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { TracingSettings } from "../config/tracing-settings.ts";
import { METRIC_SERVICE } from "../telemetry/metrics.ts";
import type { Attributes, Span, SpanKind, SpanMaker } from "./span.ts";
import type { TraceStore } from "./trace-store.ts";

/** Spans that wait for the collector at the most; further ones are lost. */
const MOST_WAITING = 2_048;
const EXPORT_TIMEOUT_MS = 2_000;

const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  consumer: OtelKind.CONSUMER,
  internal: OtelKind.INTERNAL,
};

export const openSpanMaker = (
  { endpoint }: Pick<TracingSettings, "endpoint">,
  store: TraceStore | undefined,
): SpanMaker => {
  const ids = new RandomIdGenerator();
  /** The trace that a load balancer has begun without a span, for the span that is being made. */
  let givenTraceId: string | undefined;
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": METRIC_SERVICE }),
    // Whether a trace is sampled is decided before a span of it is made.
    sampler: new AlwaysOnSampler(),
    idGenerator: {
      generateTraceId: () => givenTraceId ?? ids.generateTraceId(),
      generateSpanId: () => ids.generateSpanId(),
    },
    spanProcessors: [...(endpoint ? [exporting(endpoint)] : []), ...(store ? [keeping(store)] : [])],
  });
  const tracer = provider.getTracer("stampede");

  return {
    begin: (name, kind, parent, startedAt, attributes) => {
      const { traceId, spanId } = parent ?? {};
      const context =
        traceId && spanId
          ? trace.setSpanContext(ROOT_CONTEXT, {
              traceId,
              spanId,
              traceFlags: TraceFlags.SAMPLED,
              isRemote: true,
            })
          : ROOT_CONTEXT;
      givenTraceId = spanId ? undefined : traceId;
      try {
        const startTime = performance.timeOrigin + startedAt;
        return spanOf(tracer, tracer.startSpan(name, { kind: KINDS[kind], attributes, startTime }, context));
      } finally {
        givenTraceId = undefined;
      }
    },
    flush: () => provider.forceFlush(),
    close: () => provider.shutdown(),
  };
};

const exporting = (endpoint: URL): SpanProcessor => {
  const url = new URL("v1/traces", endpoint.href.endsWith("/") ? endpoint : `${endpoint.href}/`).href;
  return new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }),
    maxQueueSize: MOST_WAITING,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
    scheduledDelayMillis: 1_000,
  });
};

const millisecondsOf = ([seconds, nanoseconds]: ReadableSpan["startTime"]): number =>
  seconds * 1_000 + nanoseconds / 1e6;

const keeping = (store: TraceStore): SpanProcessor => ({
  onStart: () => undefined,
  onEnd: (span) => {
    const { traceId, spanId } = span.spanContext();
    store.add({
      traceId,
      spanId,
      parentId: span.parentSpanContext?.spanId,
      name: span.name,
      kind: OtelKind[span.kind].toLowerCase(),
      startedAt: millisecondsOf(span.startTime),
      ms: millisecondsOf(span.duration),
      attributes: span.attributes as Attributes,
      failure: span.status.code === SpanStatusCode.ERROR ? (span.status.message ?? "failed") : undefined,
    });
  },
  forceFlush: async () => undefined,
  shutdown: async () => undefined,
});

const spanOf = (tracer: Tracer, span: OtelSpan): Span => {
  const { traceId, spanId } = span.spanContext();
  return {
    context: { traceId, spanId, isSampled: true },
    child: (name, kind, attributes = {}) =>
      spanOf(
        tracer,
        tracer.startSpan(name, { kind: KINDS[kind], attributes }, trace.setSpan(ROOT_CONTEXT, span)),
      ),
    set: (attributes) => void span.setAttributes(attributes),
    fail: (error) => {
      const message = error instanceof Error ? error.message : String(error);
      span.setAttribute("error.type", error instanceof Error ? error.name : "unknown");
      span.setStatus({ code: SpanStatusCode.ERROR, message });
    },
    end: () => span.end(),
  };
};
