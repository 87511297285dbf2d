/**
 * How fast the error budget of a service level objective may be spent: each pair says that so much of a
 * month's budget went within the long window, and the short one that it still goes on. From Google's SRE
 * workbook, chapter 5, "multiwindow, multi-burn-rate alerts"; its third pair, three days long, is past what
 * an alarm of CloudWatch can look back on.
 */
export const BURN_RATES = {
  /** 2 % of a month's budget in an hour. */
  fast: { rate: 14.4, longMinutes: 60, shortMinutes: 5 },
  /** 5 % of it in six hours. */
  slow: { rate: 6, longMinutes: 360, shortMinutes: 30 },
} as const;

export type Burn = keyof typeof BURN_RATES;

export const OBJECTIVES = {
  /** Requests answered without a 5xx. */
  availability: { percent: 99.9 },
  /** Requests answered within half a second. */
  latency: { percent: 99, withinSeconds: 0.5 },
} as const;

export type Objective = keyof typeof OBJECTIVES;

/** The alarm's name: `AvailabilityFastBurn`. */
export const burnName = (objective: Objective, burn: Burn): string =>
  `${capitalized(objective)}${capitalized(burn)}Burn`;

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The share of failed requests, in percent, at which the budget is spent at that rate. */
export const burnThreshold = (objective: Objective, burn: Burn): number =>
  Math.round((100 - OBJECTIVES[objective].percent) * BURN_RATES[burn].rate * 1_000) / 1_000;

/** A night's few requests must not wake anyone: below this many a minute on average nothing is concluded. */
const MIN_REQUESTS_A_MINUTE = 2;

export interface Query {
  readonly id: string;
  readonly metric?: {
    readonly namespace: string;
    readonly metricName: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly stat: string;
    readonly period: number;
  };
  readonly expression?: string;
  readonly label?: string;
  readonly returnData?: boolean;
}

/** The front that sees every request, those that no task ever gets included. */
export interface Door {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Sums. Requests that reached nobody are counted only by their errors. */
  readonly requests: string;
  readonly errors: readonly string[];
  readonly unreached: readonly string[];
  readonly latency: string;
  /** Of the latency metric, in a second. */
  readonly latencyUnits: number;
}

/** @param loadBalancer the last part of its ARN */
export const loadBalancerDoor = (loadBalancer: string): Door => ({
  namespace: "AWS/ApplicationELB",
  dimensions: { LoadBalancer: loadBalancer },
  requests: "RequestCount",
  errors: ["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"],
  // A load balancer counts a request only when it has a task for it.
  unreached: ["HTTPCode_ELB_5XX_Count"],
  latency: "TargetResponseTime",
  latencyUnits: 1,
});

const sumOf = (ids: readonly string[]): string => ids.map((id) => `FILL(${id}, 0)`).join(" + ");

/** The queries of one window of one objective; the last gives the share of failed requests, in percent. */
export const windowQueries = (door: Door, objective: Objective, minutes: number): Query[] => {
  const period = minutes * 60;
  const query = (id: string, metricName: string, stat: string): Query => {
    const { namespace, dimensions } = door;
    return { id, metric: { namespace, metricName, dimensions, stat, period } };
  };
  const requests = query("requests", door.requests, "Sum");
  const ratio = (expression: string): Query => ({ id: "ratio", label: "%", returnData: true, expression });
  if (objective === "latency") {
    const limit = OBJECTIVES.latency.withinSeconds * door.latencyUnits;
    const enough = `requests >= ${MIN_REQUESTS_A_MINUTE * minutes}`;
    return [
      requests,
      query("within", door.latency, `PR(:${limit})`),
      ratio(`IF(${enough}, 100 - within, 0)`),
    ];
  }
  const errors = door.errors.map((name, index) => query(`errors${index}`, name, "Sum"));
  const errorIds = errors.map(({ id }) => id);
  const unreached = errorIds.filter((_, index) => door.unreached.includes(door.errors[index] ?? ""));
  const all = sumOf(["requests", ...unreached]);
  return [
    requests,
    ...errors,
    ratio(`IF(${all} >= ${MIN_REQUESTS_A_MINUTE * minutes}, 100 * (${sumOf(errorIds)}) / (${all}), 0)`),
  ];
};
