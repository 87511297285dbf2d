import { METRICS, type MetricDeclaration, type MetricName } from "./metrics.ts";

/** A metric as Prometheus knows it. Source: OpenMetrics 1.0, "Metric naming" and "Units and base units". */
export interface Family {
  /** Without the suffixes of its series. */
  readonly name: string;
  readonly type: "counter" | "histogram" | "gauge";
  readonly unit: "seconds" | "bytes" | undefined;
  readonly label: string | undefined;
  readonly help: string;
  /** From the declared unit to Prometheus' base unit. */
  readonly scale: number;
}

const TYPES = { sum: "counter", distribution: "histogram", gauge: "gauge" } as const;

const snakeCase = (name: string): string =>
  name
    .replace("DynamoDB", "Dynamodb")
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_")
    .toLowerCase();

const makeFamily = (name: MetricName): Family => {
  const { unit, kind, dimension, meaning }: MetricDeclaration = METRICS[name];
  const isTime = unit === "Milliseconds";
  const base = isTime ? "seconds" : unit === "Bytes" ? "bytes" : undefined;
  const bare = `stampede_${snakeCase(name)}`;
  return {
    name: base === undefined || bare.endsWith(base) ? bare : `${bare}_${base}`,
    type: TYPES[kind],
    unit: base,
    label: dimension,
    help: meaning.replaceAll("`", ""),
    scale: isTime ? 1 / 1_000 : 1,
  };
};

/** Every declared metric under Prometheus' name for it. */
export const FAMILIES: ReadonlyMap<MetricName, Family> = new Map(
  (Object.keys(METRICS) as MetricName[]).map((name) => [name, makeFamily(name)]),
);
