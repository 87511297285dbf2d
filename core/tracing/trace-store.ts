import type { Attributes } from "./span.ts";

/** A span that has ended. */
export interface EndedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly ms: number;
  readonly attributes: Attributes;
  /** Of a span that failed. */
  readonly failure: string | undefined;
}

/** Traces that are kept, and spans of each. */
const MOST_TRACES = 200;
const MOST_SPANS = 500;

export type TraceStore = ReturnType<typeof openTraceStore>;

/** The last traces of this process. A trace to which spans come later, such as an order's, counts as new again. */
export const openTraceStore = () => {
  const traces = new Map<string, EndedSpan[]>();
  return {
    add(span: EndedSpan): void {
      const spans = traces.get(span.traceId) ?? [];
      if (spans.length < MOST_SPANS) spans.push(span);
      traces.delete(span.traceId);
      traces.set(span.traceId, spans);
      const [oldest] = traces.size > MOST_TRACES ? traces.keys() : [];
      if (oldest !== undefined) traces.delete(oldest);
    },
    /** By their beginnings. */
    trace: (traceId: string): readonly EndedSpan[] | undefined =>
      traces.get(traceId)?.toSorted((one, other) => one.startedAt - other.startedAt),
    /** The latest first. */
    ids: (): readonly string[] => [...traces.keys()].reverse(),
  };
};
