import type { Logger } from "@aws-lambda-powertools/logger";
import type { TracingSettings } from "../config/tracing-settings.ts";
import type { Attributes, Span, SpanKind, SpanMaker } from "./span.ts";
import { type TraceContext, traceContextOf } from "./trace-context.ts";
import { openTraceStore, type TraceStore } from "./trace-store.ts";

/** Traces that one process keeps in a second at the most, so that a trusted caller cannot make every request dear. */
const MOST_A_SECOND = 50;

export interface Tracing {
  /**
   * Begins a span that has no parent in this process.
   *
   * @param startedAt by `performance.now()`
   * @returns undefined where the trace is not sampled
   */
  readonly begin: (
    name: string,
    kind: SpanKind,
    parent: TraceContext | undefined,
    startedAt: number,
    attributes: Attributes,
  ) => Span | undefined;
  /**
   * Begins the span of a request, in the trace that its headers name. Anybody can set their flag, so it counts only where
   * callers are trusted: each trace kept costs money, and takes the place of another.
   *
   * @param headers by their names in lower case
   */
  readonly beginRequest: (
    route: string,
    headers: Readonly<Record<string, string | undefined>>,
    startedAt: number,
  ) => Span | undefined;
  /** The last traces of this process, where they are kept. */
  readonly store: TraceStore | undefined;
  /** Resolves once spans can be made. */
  readonly ready: Promise<void>;
  /** Hands over the spans that have ended. Never rejects: a collector that is away loses them. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** @returns undefined where tracing is off: nothing is loaded then */
export const openTracing = (
  settings: TracingSettings,
  log: Logger,
  random: () => number = Math.random,
): Tracing | undefined => {
  if (!settings.isOn) return undefined;
  const store = settings.isKept ? openTraceStore() : undefined;
  let maker: SpanMaker | undefined;
  const ready = import("./opentelemetry.ts").then(
    ({ openSpanMaker }) => {
      maker = openSpanMaker(settings, store);
    },
    (error: unknown) => log.error("tracing could not be loaded", error as Error),
  );
  let second = 0;
  let begun = 0;
  const isWithinLimit = (startedAt: number): boolean => {
    const now = Math.floor(startedAt / 1_000);
    if (now !== second) [second, begun] = [now, 0];
    begun += 1;
    return begun <= MOST_A_SECOND;
  };
  const quietly = async (work: Promise<void> | undefined): Promise<void> => {
    await work?.catch(() => undefined);
  };

  const isDrawn = (): boolean => random() < settings.ratio;

  const beginSampled: Tracing["begin"] = (name, kind, parent, startedAt, attributes) =>
    maker && isWithinLimit(startedAt) ? maker.begin(name, kind, parent, startedAt, attributes) : undefined;

  const begin: Tracing["begin"] = (name, kind, parent, startedAt, attributes) =>
    (parent?.isSampled ?? isDrawn()) ? beginSampled(name, kind, parent, startedAt, attributes) : undefined;

  return {
    begin,
    beginRequest: (route, headers, startedAt) => {
      if (settings.trustsCallers)
        return begin(route, "server", traceContextOf(headers), startedAt, NO_ATTRIBUTES);
      // Most requests are not drawn: their headers need no parsing.
      return isDrawn()
        ? beginSampled(route, "server", traceContextOf(headers), startedAt, NO_ATTRIBUTES)
        : undefined;
    },
    store,
    ready,
    flush: () => quietly(maker?.flush()),
    close: () => quietly(maker?.close()),
  };
};

const NO_ATTRIBUTES = {};
