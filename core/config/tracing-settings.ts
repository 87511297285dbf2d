import { METRIC_SERVICE } from "../telemetry/metrics.ts";
import type { TracingSettings } from "../tracing/tracing-settings.ts";
import type { EnvironmentReader } from "./environment-reader.ts";

export const tracingSettings = (reader: EnvironmentReader): TracingSettings => {
  const endpoint = reader.url("OTEL_EXPORTER_OTLP_ENDPOINT", ["http:", "https:"]);
  const isKept = reader.oneOf("CONSOLE", "off", ["on", "off"]) === "on";
  return {
    // Without a reader spans would be made for nobody.
    isOn: reader.oneOf("TRACING", "off", ["on", "off"]) === "on" && (isKept || endpoint !== undefined),
    service: METRIC_SERVICE,
    ratio: reader.integer("TRACING_PERCENT", 1, { min: 0, max: 100 }) / 100,
    trustsCallers: reader.oneOf("TRACING_TRUST", "off", ["on", "off"]) === "on",
    endpoint: endpoint === undefined ? undefined : new URL(endpoint),
    isKept,
  };
};
