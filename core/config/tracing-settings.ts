import type { EnvironmentReader } from "./environment-reader.ts";

export type TracingSettings = ReturnType<typeof tracingSettings>;

/** @param isKept whether the last traces are kept in this process, for the console */
export const tracingSettings = (reader: EnvironmentReader, isKept: boolean) => {
  const endpoint = reader.url("OTEL_EXPORTER_OTLP_ENDPOINT", ["http:", "https:"]);
  return {
    // Without a reader spans would be made for nobody.
    isOn: reader.oneOf("TRACING", "off", ["on", "off"]) === "on" && (isKept || endpoint !== undefined),
    /** Of the traces that nobody has decided about, from 0 to 1. */
    ratio: reader.integer("TRACING_PERCENT", 1, { min: 0, max: 100 }) / 100,
    /** Whether a caller may decide that its trace is kept, or not. */
    trustsCallers: reader.oneOf("TRACING_TRUST", "off", ["on", "off"]) === "on",
    /** Of a collector, by OTLP over HTTP, without the path: `http://127.0.0.1:4318`. Absent: traces are kept in this process alone. */
    endpoint: endpoint === undefined ? undefined : new URL(endpoint),
    isKept,
  };
};
