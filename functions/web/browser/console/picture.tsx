import {
  type Figure,
  loads,
  memoryHits,
  perSecond,
  quantile,
  recent,
  requests,
  secondTierHits,
  serverErrors,
} from "./figures.ts";
import { milliseconds, number, shown } from "./format.ts";
import { differencesIn, type Health, ShopNode, shopBox } from "./shop-node.tsx";
import { type Moment, moments } from "./stream.ts";

interface Edge {
  readonly name: string;
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly rate: number | null;
  readonly latency: number | null;
  readonly health: Health;
}

const redisCalls: Figure = ({ sums, seconds }) =>
  ((sums["CacheHits|redis"] ?? 0) + (sums["CacheMisses|redis"] ?? 0) + (sums["CacheErrors|redis"] ?? 0)) /
  seconds;

const dynamodbCalls = perSecond("DynamoDBCalls");

const circuitCalls =
  (service: "dynamodb" | "redis" | "payment"): Figure =>
  ({ circuits, seconds }) =>
    (circuits[service].calls + circuits[service].rejected) / seconds;

/** Of a dependency: its breaker first, then the share of its calls that failed in the last seconds. */
const healthOf = (seconds: readonly Moment[], service: "dynamodb" | "redis" | "payment"): Health => {
  const last = seconds.at(-1);
  if (!last) return "idle";
  const { state } = last.circuits[service];
  if (state === "open") return "bad";
  const lately = seconds.slice(-3).map(({ circuits }) => circuits[service]);
  const calls = lately.reduce((sum, one) => sum + one.calls, 0);
  const failures = lately.reduce((sum, one) => sum + one.failures, 0);
  if (state === "half_open" || (calls > 0 && failures / calls > 0.01) || last.faults[service]) return "warn";
  return "ok";
};

const EdgeLine = ({ name, from: [x1, y1], to: [x2, y2], rate, latency, health }: Edge) => {
  const isBusy = (rate ?? 0) > 0.05;
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return (
    <g class={`edge ${isBusy || health === "bad" ? health : "idle"}`} data-edge={name}>
      <path d={`M${x1} ${y1} L${x2} ${y2}`} class={isBusy ? "busy" : ""} />
      <rect x={x - 46} y={y - 19} width="92" height="38" rx="9" />
      <text x={x} y={y - 3}>
        {shown(rate, number)}/s
      </text>
      <text x={x} y={y + 12} class="small">
        {shown(latency, milliseconds)}
      </text>
    </g>
  );
};

interface NodeProps {
  readonly x: number;
  readonly y: number;
  readonly name: string;
  readonly note: string;
  readonly health: Health;
}

const Node = ({ x, y, name, note, health }: NodeProps) => (
  <g class={`node ${health}`}>
    <rect x={x - 62} y={y - 29} width="124" height="58" rx="12" />
    <text x={x} y={y - 3}>
      {name}
    </text>
    <text x={x} y={y + 15} class="small">
      {note}
    </text>
  </g>
);

const BREAKER: Readonly<Record<string, string>> = {
  closed: "breaker closed",
  open: "breaker OPEN",
  half_open: "breaker half open",
};

/** The system, with what flows between its parts. */
export const Picture = () => {
  const seconds = moments.value;
  const last = seconds.at(-1);
  const of = (figure: Figure): number | null => recent(seconds, figure);
  const hasTwo = (last?.processes.length ?? 0) > 1;
  const { x: left, width } = shopBox(hasTwo);
  const right = left + width;
  const errors = of(serverErrors) ?? 0;
  const rate = of(requests) ?? 0;
  const shopHealth: Health = errors === 0 ? "ok" : errors / Math.max(rate, 0.1) > 0.05 ? "bad" : "warn";
  const [dynamodb, redis, payment] = [
    healthOf(seconds, "dynamodb"),
    healthOf(seconds, "redis"),
    healthOf(seconds, "payment"),
  ];
  const note = (service: "dynamodb" | "redis" | "payment"): string => {
    const program = last?.world?.programs[service];
    if (program === "down") return "stopped";
    if (program === "frozen") return "frozen";
    return BREAKER[last?.circuits[service].state ?? "closed"] ?? "";
  };
  const differences = differencesIn(last?.processes ?? []);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls on a phone, so it must be reachable by keyboard
    <figure class="panel system" tabIndex={0}>
      <figcaption>
        <b>The system</b> <span>calls a second and their 99th percentile; colour is health</span>
      </figcaption>
      <svg
        viewBox="0 0 760 330"
        role="img"
        aria-label={`The shop answers ${number(rate)} requests a second. DynamoDB: ${note("dynamodb")}. Redis: ${note("redis")}. Payment: ${note("payment")}.`}
      >
        <EdgeLine
          name="clients"
          from={[130, 165]}
          to={[left, 165]}
          rate={rate}
          latency={of(quantile("Latency", 2))}
          health={shopHealth}
        />
        <EdgeLine
          name="redis"
          from={[right, 140]}
          to={[634, 55]}
          rate={of(redisCalls)}
          latency={of(quantile("CacheLatency|redis", 2))}
          health={redis}
        />
        <EdgeLine
          name="dynamodb"
          from={[right, 165]}
          to={[634, 165]}
          rate={of(dynamodbCalls)}
          latency={of(quantile("DynamoDBLatency", 2))}
          health={dynamodb}
        />
        <EdgeLine
          name="payment"
          from={[right, 190]}
          to={[634, 275]}
          rate={of(circuitCalls("payment"))}
          latency={of(quantile("PaymentLatency", 2))}
          health={payment}
        />
        <Node x={70} y={165} name="Clients" note={`${last?.inFlight ?? 0} in flight`} health="ok" />
        <ShopNode moment={last} health={shopHealth} memoryHits={of(memoryHits) ?? 0} />
        <Node x={690} y={45} name="Redis" note={note("redis")} health={redis} />
        <Node x={690} y={165} name="DynamoDB" note={note("dynamodb")} health={dynamodb} />
        <Node x={690} y={285} name="Payment" note={note("payment")} health={payment} />
      </svg>
      <p class="reads">
        Product reads: <b class="series-1">{number(of(memoryHits) ?? 0)}/s</b> from memory,{" "}
        <b class="series-3">{number(of(secondTierHits) ?? 0)}/s</b> from Redis,{" "}
        <b class="series-2">{number(of(loads) ?? 0)}/s</b> from DynamoDB
      </p>
      {differences && <p class="reads">{differences}</p>}
    </figure>
  );
};
