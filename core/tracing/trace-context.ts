/** A span as others name it: the parent of those that go on with its trace. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. Absent where a load balancer has begun the trace without a span of its own. */
  readonly spanId?: string | undefined;
  /** Whether its spans are kept. Absent where that is left to us. */
  readonly isSampled?: boolean | undefined;
}

const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;

const SAMPLED = 1;

/**
 * The caller's span by the header `traceparent`. Source: W3C Trace Context, "traceparent Header".
 *
 * @returns undefined for anything else, which is to be ignored
 */
export const parseTraceparent = (header: string | undefined): TraceContext | undefined => {
  const [, version, traceId, spanId, flags, further] = TRACEPARENT.exec(header?.trim() ?? "") ?? [];
  if (traceId === undefined || flags === undefined || (version === "00" && further)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
};

export const formatTraceparent = ({ traceId, spanId, isSampled }: Required<TraceContext>): string =>
  `00-${traceId}-${spanId}-0${isSampled ? SAMPLED : 0}`;

const AMAZON_ROOT = /(?:^|;)\s*Root=1-([\da-f]{8})-([\da-f]{24})(?:;|$)/i;
const AMAZON_PARENT = /(?:^|;)\s*Parent=([\da-f]{16})(?:;|$)/i;
const AMAZON_SAMPLED = /(?:^|;)\s*Sampled=([01])(?:;|$)/i;

/**
 * The trace that a load balancer or API Gateway has begun, by the header `X-Amzn-Trace-Id`. Source: X-Ray developer guide,
 * "Tracing header". A load balancer gives the root alone.
 */
export const parseAmazonTraceId = (header: string | undefined): TraceContext | undefined => {
  const [, seconds, rest] = AMAZON_ROOT.exec(header ?? "") ?? [];
  if (header === undefined || seconds === undefined || rest === undefined) return undefined;
  const sampled = AMAZON_SAMPLED.exec(header)?.[1];
  return {
    traceId: `${seconds}${rest}`.toLowerCase(),
    spanId: AMAZON_PARENT.exec(header)?.[1]?.toLowerCase(),
    isSampled: sampled === undefined ? undefined : sampled === "1",
  };
};

/** Of a request's headers, by their names in lower case. */
export const traceContextOf = (
  headers: Readonly<Record<string, string | undefined>>,
): TraceContext | undefined =>
  parseTraceparent(headers.traceparent) ?? parseAmazonTraceId(headers["x-amzn-trace-id"]);
