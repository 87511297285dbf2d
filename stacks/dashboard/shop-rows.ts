import type { ShopLines } from "./metric-lines.ts";
import type { Row } from "./widgets.ts";

/** The values that dimensions take in the code; a test holds them against it. */
export const DEPENDENCIES = ["dynamodb", "redis", "payment"] as const;
const TIERS = ["memory", "redis"] as const;

/** Traffic, latency and errors, by route. */
export const trafficRow = ({ each, total }: ShopLines): Row => ({
  heading: "Requests",
  graphs: [
    { title: "Requests by route", unit: "per minute", lines: [each("Requests", "Sum")], stacked: true },
    {
      title: "Errors",
      unit: "per minute",
      lines: [total("ServerErrors", "5xx"), total("ClientErrors", "4xx")],
    },
    {
      title: "Server errors by route",
      unit: "per minute",
      lines: [each("ServerErrors", "Sum")],
      stacked: true,
    },
    { title: "Latency p50 by route", unit: "ms", lines: [each("Latency", "p50")] },
    { title: "Latency p95 by route", unit: "ms", lines: [each("Latency", "p95")] },
    { title: "Latency p99 by route", unit: "ms", lines: [each("Latency", "p99")] },
  ],
});

/** Hits among the reads that a tier was asked for, in percent. */
const hitRatio = ({ one }: ShopLines, tier: (typeof TIERS)[number]) => [
  one("CacheHits", "Sum", [tier], { id: `hits_${tier}`, visible: false }),
  one("CacheMisses", "Sum", [tier], { id: `misses_${tier}`, visible: false }),
  {
    expression: `100 * FILL(hits_${tier}, 0) / (FILL(hits_${tier}, 0) + FILL(misses_${tier}, 0))`,
    label: tier,
  },
];

export const cacheRow = (lines: ShopLines): Row => {
  const { one, each } = lines;
  return {
    heading: "Cache",
    graphs: [
      { title: "Hit ratio by tier", unit: "%", lines: TIERS.flatMap((tier) => hitRatio(lines, tier)) },
      { title: "Latency p99 by tier", unit: "ms", lines: [each("CacheLatency", "p99")] },
      { title: "Errors by tier", unit: "per minute", lines: [each("CacheErrors", "Sum")] },
      {
        title: "Loads and what was spared",
        unit: "per minute",
        lines: [
          one("CacheLoads", "Sum", []),
          one("CacheCollapsed", "Sum", []),
          one("CacheRefreshes", "Sum", []),
          one("CacheOvertaken", "Sum", []),
          one("CacheStaleServed", "Sum", []),
        ],
      },
      {
        title: "Invalidation",
        unit: "per minute",
        lines: [
          one("CacheInvalidations", "Sum", []),
          one("CacheFlushes", "Sum", []),
          one("BusMessagesDropped", "Sum", []),
          one("RedisValuesDropped", "Sum", []),
          one("CacheBusUp", "Minimum", [], { label: "CacheBusUp (right)", yAxis: "right" }),
        ],
      },
      {
        title: "Process memory used for products",
        unit: "bytes",
        lines: [
          one("CacheBytes", "Maximum", []),
          one("CacheEntries", "Maximum", [], { label: "CacheEntries (right)", yAxis: "right" }),
        ],
      },
    ],
  };
};

export const resilienceRow = ({ one, each }: ShopLines): Row => ({
  heading: "Resilience",
  graphs: [
    {
      title: "Circuit breakers (1 open, 0.5 half open)",
      unit: "state",
      lines: DEPENDENCIES.map((dependency) => one("CircuitState", "Maximum", [dependency])),
    },
    {
      title: "Calls that circuits refused",
      unit: "per minute",
      lines: [each("CircuitRejections", "Sum")],
    },
    { title: "Changes of circuits", unit: "per minute", lines: [each("CircuitChanges", "Sum")] },
    { title: "Retries", unit: "per minute", lines: [each("Retries", "Sum")] },
    { title: "Faults injected on purpose", unit: "per minute", lines: [each("FaultsInjected", "Sum")] },
    {
      title: "Admission",
      unit: "requests per minute",
      lines: [
        each("RequestsShed", "Sum"),
        one("EventLoopDelay", "Maximum", [], { label: "EventLoopDelay, ms (right)", yAxis: "right" }),
        one("QueueWait", "Maximum", [], { label: "QueueWait, ms (right)", yAxis: "right" }),
      ],
    },
    {
      title: "Requests kept out",
      unit: "per minute",
      lines: [each("AuthenticationFailures", "Sum"), each("RequestsRateLimited", "Sum")],
    },
  ],
});

export const ordersRow = ({ each, one }: ShopLines): Row => ({
  heading: "Orders",
  graphs: [
    {
      title: "Orders funnel",
      unit: "per minute",
      lines: [
        one("OrdersPlaced", "Sum", []),
        one("OrdersConfirmed", "Sum", []),
        one("OrdersFulfilled", "Sum", []),
      ],
    },
    {
      title: "Orders lost on the way",
      unit: "per minute",
      lines: [
        one("OrdersSoldOut", "Sum", []),
        one("OrdersDeclined", "Sum", []),
        one("OrdersCancelled", "Sum", []),
      ],
    },
    { title: "Revenue", unit: "per minute", lines: [one("Revenue", "Sum", [])] },
    {
      title: "Stock split or brought together",
      unit: "per minute",
      lines: [one("StockLayoutChanges", "Sum", [])],
    },
    { title: "Payment latency p99", unit: "ms", lines: [each("PaymentLatency", "p99")] },
    {
      title: "Payments left open",
      unit: "per minute",
      lines: [
        one("PaymentsUnsettled", "Sum", []),
        one("PendingPaymentAge", "Maximum", [], { label: "PendingPaymentAge, ms (right)", yAxis: "right" }),
      ],
    },
    {
      title: "Refunds and disputes",
      unit: "per minute",
      lines: [
        one("RefundsMade", "Sum", []),
        one("RefundsRefused", "Sum", []),
        each("Disputes", "Sum"),
        each("PaymentMessages", "Sum"),
        one("RefundAge", "Maximum", [], { label: "RefundAge, ms (right)", yAxis: "right" }),
      ],
    },
    {
      title: "Fulfilment age",
      unit: "ms",
      lines: [
        one("FulfilmentAge", "p50", [], { label: "p50" }),
        one("FulfilmentAge", "p99", [], { label: "p99" }),
        one("UnfulfilledAge", "Maximum", [], { label: "still unfulfilled" }),
      ],
    },
    {
      title: "Fulfilment trouble",
      unit: "per minute",
      lines: [one("FulfilmentRetries", "Sum", []), one("DeadLetters", "Sum", [])],
    },
  ],
});

export const databaseRow = ({ each }: ShopLines): Row => ({
  heading: "DynamoDB as the shop sees it",
  graphs: [
    { title: "DynamoDB calls", unit: "per minute", lines: [each("DynamoDBCalls", "Sum")], stacked: true },
    { title: "DynamoDB calls that failed", unit: "per minute", lines: [each("DynamoDBErrors", "Sum")] },
    { title: "DynamoDB calls throttled", unit: "per minute", lines: [each("DynamoDBThrottles", "Sum")] },
    { title: "DynamoDB calls in conflict", unit: "per minute", lines: [each("DynamoDBConflicts", "Sum")] },
    { title: "DynamoDB latency p99", unit: "ms", lines: [each("DynamoDBLatency", "p99")] },
  ],
});
