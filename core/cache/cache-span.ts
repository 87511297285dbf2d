import { activeSpan, spanning } from "../tracing/span.ts";
import type { Reading } from "./reading.ts";

/** A read that memory did not answer, as a span of the trace that is under way. */
export const inCacheSpan = <V>(read: () => Promise<Reading<V>>): Promise<Reading<V>> => {
  const parent = activeSpan();
  if (!parent) return read();
  const span = parent.child("cache read", "internal");
  return spanning(span, async () => {
    const reading = await read();
    span.set({ "cache.source": reading.source, "cache.collapsed": reading.collapsed });
    return reading;
  });
};
