import type { Units } from "../../live/history.ts";
import { Breakers } from "./breakers.tsx";
import { Chart, type Series } from "./chart.tsx";
import {
  collapsed,
  loads,
  memoryHits,
  perSecond,
  quantile,
  secondTierHits,
  serverErrors,
  shed,
  stale,
} from "./figures.ts";
import { dollars, megabytes, milliseconds, number } from "./format.ts";
import { byRoute, PercentileChoice } from "./route-series.tsx";
import { moments } from "./stream.ts";

const perS = (value: number): string => `${number(value)}/s`;

const LATENCY: readonly Series[] = [
  { label: "p99", figure: quantile("Latency", 2), colour: 2 },
  { label: "p95", figure: quantile("Latency", 1), colour: 5 },
  { label: "p50", figure: quantile("Latency", 0), colour: 1 },
];
const TROUBLE: readonly Series[] = [
  { label: "refused (shed)", figure: shed, colour: 5 },
  { label: "5xx", figure: serverErrors, colour: 2 },
  { label: "4xx", figure: perSecond("ClientErrors"), colour: 1 },
  { label: "breaker refusals", figure: perSecond("CircuitRejections"), colour: 4 },
];
const READS: readonly Series[] = [
  { label: "memory", figure: memoryHits, colour: 1 },
  { label: "Redis", figure: secondTierHits, colour: 3 },
  { label: "DynamoDB", figure: loads, colour: 2 },
  { label: "shared a load", figure: collapsed, colour: 4 },
  { label: "stale", figure: stale, colour: 5 },
];
const ORDERS: readonly Series[] = [
  { label: "placed", figure: perSecond("OrdersPlaced"), colour: 1 },
  { label: "paid", figure: perSecond("OrdersConfirmed"), colour: 3 },
  { label: "fulfilled", figure: perSecond("OrdersFulfilled"), colour: 6 },
  { label: "declined", figure: perSecond("OrdersDeclined"), colour: 2 },
  { label: "sold out", figure: perSecond("OrdersSoldOut"), colour: 5 },
  { label: "unsettled", figure: perSecond("PaymentsUnsettled"), colour: 4 },
];
const REVENUE: readonly Series[] = [{ label: "a second", figure: perSecond("Revenue"), colour: 3 }];
const DYNAMODB: readonly Series[] = [
  { label: "calls", figure: perSecond("DynamoDBCalls"), colour: 1 },
  { label: "throttled", figure: perSecond("DynamoDBThrottles"), colour: 5 },
  { label: "conflicts", figure: perSecond("DynamoDBConflicts"), colour: 3 },
  { label: "failed", figure: perSecond("DynamoDBErrors"), colour: 2 },
  { label: "retries", figure: perSecond("Retries"), colour: 4 },
];
const unitsOf =
  (kind: keyof Units): Series["figure"] =>
  ({ world }) =>
    world?.units?.[kind] ?? null;
const UNITS: readonly Series[] = [
  { label: "read units", figure: unitsOf("read"), colour: 1 },
  { label: "write units", figure: unitsOf("write"), colour: 3 },
  { label: "throttled calls", figure: unitsOf("throttled"), colour: 5 },
  { label: "conflicts", figure: unitsOf("conflicts"), colour: 2 },
];
const DYNAMODB_LATENCY: readonly Series[] = [
  { label: "p99", figure: quantile("DynamoDBLatency", 2), colour: 2 },
  { label: "p50", figure: quantile("DynamoDBLatency", 0), colour: 1 },
];
const LOOP: readonly Series[] = [
  { label: "event loop late by", figure: quantile("EventLoopDelay", 2), colour: 2 },
  { label: "waits for its turn, p99", figure: quantile("QueueWait", 2), colour: 4 },
];
const CPU: readonly Series[] = [{ label: "processors busy", figure: ({ cpu }) => cpu, colour: 1 }];
const MEMORY: readonly Series[] = [
  { label: "resident", figure: ({ memoryMb }) => memoryMb, colour: 4 },
  {
    label: "cache",
    figure: ({ processes }) => processes[0]?.figures?.cacheMb ?? 0, // Drawn for one process alone.
    colour: 1,
  },
];
const IN_FLIGHT: readonly Series[] = [{ label: "in flight", figure: ({ inFlight }) => inFlight, colour: 1 }];

/** A figure of each of two processes, drawn on top of one another. */
const ofEach = (figure: "cpu" | "memoryMb" | "inFlight"): readonly Series[] =>
  (["first", "second"] as const).map((name, at) => ({
    label: `${name} process`,
    figure: ({ processes }) => processes.find((one) => one.name === name)?.figures?.[figure] ?? 0,
    colour: at + 1,
  }));

const OF_SERVERS = "of the server processes";
/** Of one process, or of each of two. */
const BY_PROCESS = [
  { title: "CPU", hint: OF_SERVERS, unit: number, one: CPU, each: ofEach("cpu") },
  { title: "Memory", hint: OF_SERVERS, unit: megabytes, one: MEMORY, each: ofEach("memoryMb") },
  {
    title: "In flight",
    hint: "requests not answered yet",
    unit: number,
    one: IN_FLIGHT,
    each: ofEach("inFlight"),
  },
];

export const Charts = () => {
  const { rates, latencies } = byRoute();
  const hasTwo = moments.value.some(({ processes }) => processes.length > 1);
  const hasLimits = moments.value.some(({ world }) => world?.units);
  return (
    <section class="charts" aria-label="Charts">
      <Chart title="Requests" hint="by route" series={rates} unit={perS} isStacked />
      <Chart title="Latency" hint="over all routes" series={LATENCY} unit={milliseconds} />
      <Chart title="Where reads were answered" hint="by source" series={READS} unit={perS} isStacked />
      <Chart title="Errors and refusals" hint="4xx are the clients' own" series={TROUBLE} unit={perS} />
      <Breakers />
      <Chart title="Orders" hint="from placed to fulfilled" series={ORDERS} unit={perS} />
      <Chart title="Revenue" hint="of paid orders" series={REVENUE} unit={dollars} />
      <Chart
        title="Latency by route"
        hint="a percentile of each"
        choice={<PercentileChoice />}
        series={latencies}
        unit={milliseconds}
      />
      <Chart title="DynamoDB calls" hint="and those that met trouble" series={DYNAMODB} unit={perS} />
      {hasLimits && <Chart title="DynamoDB units" hint="as AWS would bill them" series={UNITS} unit={perS} />}
      <Chart title="DynamoDB latency" hint="of one call" series={DYNAMODB_LATENCY} unit={milliseconds} />
      <Chart title="Event loop" hint="late means overloaded" series={LOOP} unit={milliseconds} />
      {BY_PROCESS.map(({ one, each, ...chart }) => (
        <Chart key={chart.title} {...chart} series={hasTwo ? each : one} isStacked={hasTwo} />
      ))}
    </section>
  );
};
