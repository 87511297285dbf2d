import type { Histogram } from "./histogram.ts";
import type { DistributionName, SumName } from "./metrics.ts";
import type { Totals } from "./recorder.ts";
import { FAMILIES, type Family } from "./series-names.ts";

/** `openmetrics` 1.0, or the older text format of Prometheus, which other scrapers read. */
export type ExpositionFormat = "openmetrics" | "prometheus";

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
};

/**
 * Upper bounds of the buckets, in the declared unit: two to a power of two up to 16 s, then one, up to 70 minutes. Each
 * ends a bucket of the histogram, so that nothing is counted twice or guessed.
 */
const BOUNDS = Array.from({ length: 27 }, (_, octave) => 2 ** (octave - 4)).flatMap((bound) =>
  bound < 2 ** 14 ? [bound, 1.5 * bound] : [bound],
);

const escaped = (text: string): string =>
  text.replaceAll("\\", String.raw`\\`).replaceAll("\n", String.raw`\n`).replaceAll('"', String.raw`\"`);

const labelsOf = (labels: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
};

const histogramLines = (
  { name, scale }: Family,
  labels: Record<string, string>,
  values: Histogram,
): string[] => {
  const { count, sum, upTo } = values.cumulative(BOUNDS);
  // A series that was never observed would be 45 lines of zeros.
  if (count === 0) return [];
  const bucket = (le: string, times: number): string =>
    `${name}_bucket${labelsOf({ ...labels, le })} ${times}`;
  return [
    ...BOUNDS.map((bound, index) => bucket(`${bound * scale}`, upTo[index] ?? 0)),
    bucket("+Inf", count),
    `${name}_count${labelsOf(labels)} ${count}`,
    `${name}_sum${labelsOf(labels)} ${sum * scale}`,
  ];
};

/** All metrics as text to be scraped. A family that has recorded nothing is listed without series. */
export const exposition = ({ sums, histograms }: Totals, format: ExpositionFormat): string => {
  const lines: string[] = [];
  for (const [metric, family] of FAMILIES) {
    const { name, type, unit, label, help, scale } = family;
    const described = format === "prometheus" && type === "counter" ? `${name}_total` : name;
    lines.push(`# HELP ${described} ${escaped(help)}`, `# TYPE ${described} ${type}`);
    if (unit && format === "openmetrics") lines.push(`# UNIT ${name} ${unit}`);
    const labelled = (value: string): Record<string, string> => (label && value ? { [label]: value } : {});
    for (const [value, total] of sums.get(metric as SumName) ?? []) {
      lines.push(`${name}_total${labelsOf(labelled(value))} ${total}`);
    }
    for (const [value, histogram] of histograms.get(metric as DistributionName) ?? []) {
      if (type === "histogram") lines.push(...histogramLines(family, labelled(value), histogram));
      else lines.push(`${name}${labelsOf(labelled(value))} ${histogram.last * scale}`);
    }
  }
  if (format === "openmetrics") lines.push("# EOF");
  return `${lines.join("\n")}\n`;
};

/** The format that a scraper asks for. Prometheus lists its choices with weights, OpenMetrics above the older text. */
export const formatFor = (accept: string | undefined): ExpositionFormat =>
  accept?.includes("application/openmetrics-text") ? "openmetrics" : "prometheus";
