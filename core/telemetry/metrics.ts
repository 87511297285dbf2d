// biome-ignore-all lint/style/noExcessiveLinesPerFile: one declaration, which the dashboards and pages are made from
/**
 * The one declaration of the metrics: the code records by these names, and the dashboard, the alarms and
 * the documentation draw on the same entries. Every metric also carries the dimension `service`.
 */
export interface MetricDeclaration {
  readonly unit: "Count" | "Milliseconds" | "Bytes" | "None";
  /**
   * `sum`: added up, and published once an interval. `distribution`: each value counts. `gauge`: a state that is looked at
   * now and then; recorded like a distribution, so that a short change shows.
   */
  readonly kind: "sum" | "distribution" | "gauge";
  readonly dimension?: "route" | "operation" | "tier" | "dependency" | "reason";
  readonly meaning: string;
}

/** Of one's own machine. A deployed stage has `Stampede/<stage>`: stages may share an account. */
export const METRIC_NAMESPACE = "Stampede";
export const METRIC_SERVICE = "shop";

export const METRICS = {
  Requests: {
    unit: "Count",
    kind: "sum",
    dimension: "route",
    meaning: "Requests answered",
  },
  ClientErrors: {
    unit: "Count",
    kind: "sum",
    dimension: "route",
    meaning: "Answers with a 4xx status",
  },
  ServerErrors: {
    unit: "Count",
    kind: "sum",
    dimension: "route",
    meaning: "Answers with a 5xx status",
  },
  Latency: {
    unit: "Milliseconds",
    kind: "distribution",
    dimension: "route",
    meaning: "Time from a request's arrival to its result, waiting for its turn included",
  },
  DynamoDBCalls: {
    unit: "Count",
    kind: "sum",
    dimension: "operation",
    meaning: "DynamoDB calls made",
  },
  DynamoDBErrors: {
    unit: "Count",
    kind: "sum",
    dimension: "operation",
    meaning: "DynamoDB calls that failed; a condition that did not hold is an answer, not a failure",
  },
  DynamoDBThrottles: {
    unit: "Count",
    kind: "sum",
    dimension: "operation",
    meaning: "DynamoDB calls refused because a table or partition has too much to do",
  },
  DynamoDBConflicts: {
    unit: "Count",
    kind: "sum",
    dimension: "operation",
    meaning: "DynamoDB calls refused because another transaction held an item of theirs",
  },
  DynamoDBLatency: {
    unit: "Milliseconds",
    kind: "distribution",
    dimension: "operation",
    meaning: "Time of one DynamoDB call; a retry is a call of its own",
  },
  CacheHits: {
    unit: "Count",
    kind: "sum",
    dimension: "tier",
    meaning: "Product reads answered by a cache tier (`memory`; `redis` or `process` for the second)",
  },
  CacheMisses: {
    unit: "Count",
    kind: "sum",
    dimension: "tier",
    meaning: "Product reads a tier had no answer to",
  },
  CacheErrors: {
    unit: "Count",
    kind: "sum",
    dimension: "tier",
    meaning: "Calls to a tier that failed; the read goes on without it",
  },
  CacheLatency: {
    unit: "Milliseconds",
    kind: "distribution",
    dimension: "tier",
    meaning: "Time of a call to a tier (`dynamodb`: of a load); of memory once an interval",
  },
  CacheLoads: { unit: "Count", kind: "sum", meaning: "Products read from DynamoDB for the cache" },
  CacheCollapsed: { unit: "Count", kind: "sum", meaning: "Product reads that shared another's load" },
  CacheStaleServed: { unit: "Count", kind: "sum", meaning: "Product reads answered past the soft expiry" },
  CacheRefreshes: { unit: "Count", kind: "sum", meaning: "Products loaded anew in the background" },
  CacheInvalidations: {
    unit: "Count",
    kind: "sum",
    meaning: "Product writes that this process was notified of",
  },
  CacheOvertaken: {
    unit: "Count",
    kind: "sum",
    meaning: "Loads done again because the product was written meanwhile",
  },
  CacheFlushes: {
    unit: "Count",
    kind: "sum",
    meaning: "Times memory was emptied because invalidations may have been missed",
  },
  BusMessagesDropped: {
    unit: "Count",
    kind: "sum",
    meaning: "Messages on the bus that were invalid or could not be handled, and were dropped",
  },
  RedisValuesDropped: {
    unit: "Count",
    kind: "sum",
    meaning: "Values found in Redis that were invalid, or older than a fail-over, and were treated as absent",
  },
  CacheBusUp: { unit: "Count", kind: "gauge", meaning: "1 while invalidations are heard, else 0" },
  CacheEntries: { unit: "Count", kind: "gauge", meaning: "Entries in process memory" },
  CacheBytes: { unit: "Bytes", kind: "gauge", meaning: "Estimated size of process memory's entries" },
  CircuitState: {
    unit: "None",
    kind: "gauge",
    dimension: "dependency",
    meaning: "Circuit breaker of a dependency: 0 closed, 0.5 half open, 1 open",
  },
  CircuitChanges: {
    unit: "Count",
    kind: "sum",
    dimension: "dependency",
    meaning: "Changes of a circuit's state",
  },
  CircuitRejections: {
    unit: "Count",
    kind: "sum",
    dimension: "dependency",
    meaning: "Calls a circuit did not let through",
  },
  Retries: {
    unit: "Count",
    kind: "sum",
    dimension: "dependency",
    meaning: "Calls made again after a failure",
  },
  FaultsInjected: {
    unit: "Count",
    kind: "sum",
    dimension: "dependency",
    meaning: "Calls that met an injected fault",
  },
  AuthenticationFailures: {
    unit: "Count",
    kind: "sum",
    dimension: "reason",
    meaning: "Requests whose credentials proved nothing, by what was wrong with them",
  },
  RequestsRateLimited: {
    unit: "Count",
    kind: "sum",
    dimension: "route",
    meaning: "Requests refused because their client asks for more than its limit",
  },
  RequestsShed: {
    unit: "Count",
    kind: "sum",
    dimension: "route",
    meaning: "Requests refused because they could not be answered within their objective any more",
  },
  QueueWait: {
    unit: "Milliseconds",
    kind: "distribution",
    meaning: "Time that requests waited for their turn; none while no request has to wait",
  },
  EventLoopDelay: { unit: "Milliseconds", kind: "distribution", meaning: "How late the event loop runs" },
  OrdersPlaced: {
    unit: "Count",
    kind: "sum",
    meaning: "Orders created with their stock reserved",
  },
  OrdersConfirmed: { unit: "Count", kind: "sum", meaning: "Orders paid" },
  OrdersDeclined: {
    unit: "Count",
    kind: "sum",
    meaning: "Orders whose payment was declined",
  },
  StockLayoutChanges: {
    unit: "Count",
    kind: "sum",
    meaning:
      "Times that a product's stock got more counters because of conflicts, or fewer since it sells slowly",
  },
  OrdersCancelled: {
    unit: "Count",
    kind: "sum",
    meaning: "Orders given up because payment never settled",
  },
  OrdersFulfilled: {
    unit: "Count",
    kind: "sum",
    meaning: "Orders fulfilled, from the orders stream or by recovery",
  },
  OrdersSoldOut: {
    unit: "Count",
    kind: "sum",
    meaning: "Checkouts refused for lack of stock",
  },
  PaymentLatency: {
    unit: "Milliseconds",
    kind: "distribution",
    dimension: "operation",
    meaning:
      "Time of one call of the payment service, whether it succeeds, fails or times out; those that the circuit refuses are not made",
  },
  PaymentsUnsettled: {
    unit: "Count",
    kind: "sum",
    meaning:
      "Charges whose outcome stayed unknown (timeout or processor failure), not those that wait for the customer",
  },
  PendingPaymentAge: {
    unit: "Milliseconds",
    kind: "distribution",
    meaning:
      "Age of an order that recovery finds still unpaid; of one accepted while the processor was away, once it is past its own limit",
  },
  Revenue: {
    unit: "None",
    kind: "sum",
    meaning: "Money of the confirmed orders, in whole currency units",
  },
  FulfilmentAge: {
    unit: "Milliseconds",
    kind: "distribution",
    meaning: "Time from an order's confirmation to its fulfilment",
  },
  UnfulfilledAge: {
    unit: "Milliseconds",
    kind: "distribution",
    meaning: "Time since the confirmation of an order that recovery finds unfulfilled",
  },
  RefundsMade: {
    unit: "Count",
    kind: "sum",
    meaning: "Refunds recorded with their orders, by the shop itself or by hand",
  },
  RefundsRefused: {
    unit: "Count",
    kind: "sum",
    meaning:
      "Refunds that the payment service refuses for good or has undone: a person has to give the money back",
  },
  RefundAge: {
    unit: "Milliseconds",
    kind: "distribution",
    meaning: "Time for which a refund has been owed that recovery finds still to make",
  },
  Disputes: {
    unit: "Count",
    kind: "sum",
    dimension: "reason",
    meaning: "Payments that customers dispute, by what has become of it: `open`, `won`, `lost` or `closed`",
  },
  PaymentMessages: {
    unit: "Count",
    kind: "sum",
    dimension: "reason",
    meaning: "Messages of the payment service by subject: `charge`, `refund`, `dispute`, or `ignored`",
  },
  FulfilmentRetries: {
    unit: "Count",
    kind: "sum",
    meaning: "Stream records handed back to be retried",
  },
  DeadLetters: {
    unit: "Count",
    kind: "sum",
    meaning: "Orders and stream records set aside, because no retry can fulfil them",
  },
} as const satisfies Record<string, MetricDeclaration>;

type Declared = typeof METRICS;
export type MetricName = keyof Declared;
type Having<Part> = {
  [Name in MetricName]: Declared[Name] extends Part ? Name : never;
}[MetricName];

export type SumName = Having<{ kind: "sum" }>;
export type DistributionName = Having<{ kind: "distribution" | "gauge" }>;
/** The argument a metric's dimension asks for: its value, or none. */
export type DimensionValue<Name extends MetricName> = Declared[Name] extends {
  dimension: string;
}
  ? [value: string]
  : [];
