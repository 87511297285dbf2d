import { AsyncLocalStorage } from "node:async_hooks";
import type { TraceContext } from "./trace-context.ts";
import { formatTraceparent } from "./trace-context.ts";

export type SpanKind = "server" | "client" | "consumer" | "internal";

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A part of a sampled trace: a piece of work with its beginning and its end. */
export interface Span {
  readonly context: Required<TraceContext>;
  readonly child: (name: string, kind: SpanKind, attributes?: Attributes) => Span;
  readonly set: (attributes: Attributes) => void;
  readonly fail: (error: unknown) => void;
  readonly end: () => void;
}

/** Makes the spans; there once the OpenTelemetry packages are loaded. */
export interface SpanMaker {
  readonly begin: (
    name: string,
    kind: SpanKind,
    parent: TraceContext | undefined,
    startedAt: number,
    attributes: Attributes,
  ) => Span;
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const storage = new AsyncLocalStorage<Span>();

export const activeSpan = (): Span | undefined => storage.getStore();

/** Runs work as a part of the span, which stays open. */
export const runInSpan = <T>(span: Span, work: () => T): T => storage.run(span, work);

/** Runs work as a part of the span, and ends it with the work. */
export const spanning = async <T>(
  span: Span,
  work: () => Promise<T>,
  isFailure: (error: unknown) => boolean = () => true,
): Promise<T> => {
  try {
    return await storage.run(span, work);
  } catch (error) {
    if (isFailure(error)) span.fail(error);
    throw error;
  } finally {
    span.end();
  }
};

/** Runs work as a span of the trace that is under way; as it is where none is. */
export const inSpan = <T>(
  name: string,
  kind: SpanKind,
  attributes: Attributes | undefined,
  work: () => Promise<T>,
): Promise<T> => {
  const parent = storage.getStore();
  return parent ? spanning(parent.child(name, kind, attributes), work) : work();
};

/** The header with which a call goes on with the trace; undefined where none is under way. */
export const outgoingTraceparent = (): string | undefined => {
  const span = storage.getStore();
  return span && formatTraceparent(span.context);
};
