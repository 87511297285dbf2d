import type { SettingsReader } from "./settings-reader.ts";

export interface TracingSettings {
  /** Of the traces that begin at the shop. */
  readonly percent: number;
  /** Of the collector for functions; without it, only tasks are traced. */
  readonly layer?: string;
}

const LAYER = /^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:layer:[\w-]+:\d+$/;

/** @returns undefined where no traces are collected */
export const readTracing = (
  reader: SettingsReader,
  api: "container" | "functions",
): TracingSettings | undefined => {
  const percent = reader.wholeNumber("STAMPEDE_TRACING", { min: 1, max: 100 });
  const layer = reader.matching("STAMPEDE_TRACING_LAYER", LAYER, "the ARN of a version of a Lambda layer");
  if (layer && !reader.value("STAMPEDE_TRACING")) {
    reader.report("STAMPEDE_TRACING_LAYER is set without STAMPEDE_TRACING");
  }
  if (api === "functions" && reader.value("STAMPEDE_TRACING")) {
    reader.report("STAMPEDE_TRACING needs STAMPEDE_API=container: functions of the API begin no traces");
  }
  return percent === undefined ? undefined : { percent, ...(layer && { layer }) };
};
