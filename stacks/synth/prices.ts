/**
 * On-demand list prices in US dollars for us-east-1, noted down by hand in November 2026: assumptions for an
 * estimate. AWS's charges are on its pricing pages.
 */
export const PRICES = {
  region: "us-east-1",
  noted: "2026-11",
  hoursAMonth: 730,
  fargate: { vcpuHour: 0.032_38, gbHour: 0.003_56 },
  loadBalancer: { hour: 0.022_5, capacityUnitHour: 0.008 },
  publicAddressHour: 0.005,
  redisNodeHour: { "cache.t4g.micro": 0.016, "cache.t4g.small": 0.032 } as Readonly<Record<string, number>>,
  valkeyNodeHour: { "cache.t4g.micro": 0.012_8, "cache.t4g.small": 0.025_6 } as Readonly<
    Record<string, number>
  >,
  /** The hosted zone of the namespace, and each task in it. */
  serviceDiscovery: { zoneMonth: 0.5, instanceMonth: 0.1 },
  secretMonth: 0.4,
  dashboardMonth: 3,
  alarm: { metricMonth: 0.1, compositeMonth: 0.5 },
  /** Each combination of dimension values counts, for the hours in which it is published. */
  customMetricMonth: 0.3,
  /** Ingestion into CloudWatch Logs. */
  logGb: 0.5,
  lambda: { million: 0.2, gbSecond: 0.000_013_333_4 },
  httpApi: { million: 1 },
  /** Point-in-time recovery, by the size of the tables, however many days. */
  backupGbMonth: 0.2,
  /** A managed rule set counts as one rule; its requests cost no more while it needs at most 1,500 capacity units. */
  waf: { aclMonth: 5, ruleMonth: 1, million: 0.6 },
  /** Standard storage. */
  s3GbMonth: 0.023,
  /** Flow logs that AWS delivers to S3; access logs are delivered free of charge. */
  flowLogGb: 0.25,
} as const;

/** US dollars an hour of a Fargate task on arm64, its public address not included. */
export const fargateHour = (vcpus: number, gb: number): number =>
  vcpus * PRICES.fargate.vcpuHour + gb * PRICES.fargate.gbHour;
