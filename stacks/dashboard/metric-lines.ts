import {
  type DimensionValue,
  type DistributionName,
  METRIC_SERVICE,
  METRICS,
  type MetricDeclaration,
  type MetricName,
  type SumName,
} from "../../core/telemetry/metrics.ts";

/** A line of a graph: a metric, or an expression over metrics. */
export interface Line {
  /** Namespace, name, then names and values of the dimensions. */
  readonly metric?: readonly string[];
  readonly expression?: string;
  readonly label?: string;
  readonly stat?: string;
  /** For expressions to name it by. */
  readonly id?: string;
  readonly visible?: boolean;
  readonly yAxis?: "right";
}

/** How often CloudWatch gathers the points of a line, in seconds. */
const PERIOD = 60;

type Dimensioned<Name extends MetricName> = Name extends MetricName
  ? DimensionValue<Name> extends []
    ? never
    : Name
  : never;

/** The statistic that means something: of a sum only its sum, for it is published once an interval. */
type Stat<Name extends MetricName> = Name extends SumName
  ? "Sum"
  : Name extends DistributionName
    ? "p50" | "p95" | "p99" | "Minimum" | "Average" | "Maximum" | "SampleCount"
    : never;

/**
 * Lines over the shop's own metrics: a name that is not declared, a dimension too many or one left out is a
 * type error.
 *
 * @param namespace of the stage
 */
export const shopLines = (namespace: string) => {
  const dimensionOf = (name: MetricName) => (METRICS[name] as MetricDeclaration).dimension;
  const search = (name: MetricName, stat: string): string =>
    `SEARCH('{"${namespace}",${dimensionOf(name)},service} MetricName="${name}" service="${METRIC_SERVICE}"', '${stat}', ${PERIOD})`;
  return {
    /** One series. */
    one<Name extends MetricName>(
      name: Name,
      stat: Stat<Name>,
      dimension: DimensionValue<Name>,
      options: Pick<Line, "label" | "id" | "visible" | "yAxis"> = {},
    ): Line {
      const key = dimensionOf(name);
      const value = dimension[0];
      const dimensions = ["service", METRIC_SERVICE, ...(key && value ? [key, value] : [])];
      return { metric: [namespace, name, ...dimensions], stat, label: value ?? name, ...options };
    },
    /** A series for each value of its dimension. */
    each<Name extends MetricName>(name: Dimensioned<Name>, stat: Stat<Name>): Line {
      return { expression: search(name, stat), label: `\${PROP('Dim.${dimensionOf(name)}')}` };
    },
    /** Everything together, whatever the dimension. */
    total<Name extends SumName>(name: Dimensioned<Name>, label: string): Line {
      return { expression: `SUM(${search(name, "Sum")})`, label };
    },
  };
};

export type ShopLines = ReturnType<typeof shopLines>;

/** A metric that AWS publishes. */
export const awsLine = (
  namespace: `AWS/${string}`,
  name: string,
  dimensions: Readonly<Record<string, string>>,
  stat: string,
  options: Pick<Line, "label" | "id" | "visible" | "yAxis"> = {},
): Line => ({
  metric: [namespace, name, ...Object.entries(dimensions).flat()],
  stat,
  label: name,
  ...options,
});
