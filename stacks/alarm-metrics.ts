import type { Query } from "./burn-rates.ts";
import type { Line } from "./dashboard/metric-lines.ts";

/** A condition that someone should hear of, on one metric, or on several put together. */
export type Alarm = AlarmTerms & ({ readonly line: Line } | { readonly lines: CombinedLines });

/** At most ten: CloudWatch takes no more in an alarm. */
interface CombinedLines {
  readonly of: readonly Line[];
  readonly by: "SUM" | "MAX";
}

interface AlarmTerms {
  readonly name: string;
  /** Its meaning, and where to look. */
  readonly description: string;
  readonly threshold: number;
  /** The side of the threshold on which it goes off (`above` unless given); a sign of life also when there is none. */
  readonly when?: "above" | "below" | "belowOrMissing";
  /** Minutes that are looked at, and how many of them must be above. */
  readonly minutes: number;
  readonly bad: number;
}

export interface AlarmMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string | undefined;
  /** A percentile. */
  readonly extendedStatistic: string | undefined;
}

/** A line's metric as an alarm takes it. */
export const metricOf = ({ metric = [], stat = "" }: Line): AlarmMetric => {
  const [namespace = "", metricName = "", ...rest] = metric;
  const pairs = rest.flatMap((name, index) => (index % 2 === 0 ? [[name, rest[index + 1] ?? ""]] : []));
  const isPercentile = stat.startsWith("p");
  return {
    namespace,
    metricName,
    dimensions: Object.fromEntries(pairs) as Record<string, string>,
    statistic: isPercentile ? undefined : stat,
    extendedStatistic: isPercentile ? stat : undefined,
  };
};

/** Seconds. */
const PERIOD = 60;

/** The queries of several metrics put together; the last gives the value. */
const combinedQueries = ({ of, by }: CombinedLines): Query[] => [
  ...of.map((line, index): Query => {
    const { namespace, metricName, dimensions, statistic = "" } = metricOf(line);
    return {
      id: `m${index}`,
      metric: { namespace, metricName, dimensions, stat: statistic, period: PERIOD },
    };
  }),
  { id: "combined", label: by.toLowerCase(), returnData: true, expression: `${by}(METRICS())` },
];

/** The metrics of an alarm, as CloudWatch takes them. */
export const watched = (alarm: Alarm): Partial<AlarmMetric> & { period?: number; metricQueries?: Query[] } =>
  "lines" in alarm
    ? { metricQueries: combinedQueries(alarm.lines) }
    : { ...metricOf(alarm.line), period: PERIOD };

const SIDES = {
  above: { comparisonOperator: "GreaterThanThreshold", treatMissingData: "notBreaching" },
  // Where nothing happens nothing is published.
  below: { comparisonOperator: "LessThanThreshold", treatMissingData: "notBreaching" },
  belowOrMissing: { comparisonOperator: "LessThanThreshold", treatMissingData: "breaching" },
} as const;

export const sideOf = ({ when = "above" }: Alarm) => SIDES[when];
