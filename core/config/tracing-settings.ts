import type { TracingSettings } from "../tracing/tracing-settings.ts";
import type { EnvironmentReader } from "./environment-reader.ts";

/** @param isKept whether the last traces are kept in this process, for the console */
export const tracingSettings = (reader: EnvironmentReader, isKept: boolean): TracingSettings => {
  const endpoint = reader.url("OTEL_EXPORTER_OTLP_ENDPOINT", ["http:", "https:"]);
  return {
    // Without a reader spans would be made for nobody.
    isOn: reader.oneOf("TRACING", "off", ["on", "off"]) === "on" && (isKept || endpoint !== undefined),
    ratio: reader.integer("TRACING_PERCENT", 1, { min: 0, max: 100 }) / 100,
    trustsCallers: reader.oneOf("TRACING_TRUST", "off", ["on", "off"]) === "on",
    endpoint: endpoint === undefined ? undefined : new URL(endpoint),
    isKept,
  };
};
