import { span } from "./chart.tsx";
import { type Moment, moments } from "./stream.ts";

const SERVICES = ["dynamodb", "redis", "payment"] as const;
const NAMES = { dynamodb: "DynamoDB", redis: "Redis", payment: "Payment" } as const;
const STATES = ["closed", "open", "half_open"] as const;

/** Runs of seconds in one state, in seconds before the last. */
const runsOf = (seconds: readonly Moment[], service: (typeof SERVICES)[number], until: number) => {
  const runs: { state: string; from: number; to: number }[] = [];
  for (const { at, circuits } of seconds) {
    const { state } = circuits[service];
    const run = runs.at(-1);
    if (run) run.to = at;
    if (run?.state !== state) runs.push({ state, from: at, to: at });
  }
  const last = runs.at(-1);
  if (last) last.to = until;
  return runs;
};

/** Each breaker's states over time, with its state machine and the reason of its last failure. */
export const Breakers = () => {
  const seconds = moments.value;
  const until = seconds.at(-1)?.at ?? 0;
  const from = until - span.value * 1_000;
  const inView = seconds.filter(({ at }) => at >= from - 1_000);
  const x = (at: number): number => Math.max(0, ((at - from) / (until - from || 1)) * 1_000);
  return (
    <figure class="panel breakers">
      <figcaption>
        <b>Circuit breakers</b> <span>open: calls are refused at once</span>
      </figcaption>
      {SERVICES.map((service) => {
        const now = seconds.at(-1)?.circuits[service];
        return (
          <div key={service} class="breaker">
            <b>{NAMES[service]}</b>
            <ol class="states" data-breaker={service} data-state={now?.state ?? "closed"}>
              {STATES.map((state) => (
                <li key={state} class={state} aria-current={now?.state === state ? "true" : undefined}>
                  {state.replace("_", " ")}
                </li>
              ))}
            </ol>
            <svg viewBox="0 0 1000 18" preserveAspectRatio="none" aria-hidden="true">
              {runsOf(inView, service, until).map(({ state, from: start, to }) => (
                <rect
                  key={start}
                  class={state}
                  x={x(start)}
                  width={Math.max(3, x(to) - x(start))}
                  height="18"
                />
              ))}
            </svg>
            <span class="why">
              {now && now.state !== "closed"
                ? (now.lastError ?? "")
                : now?.rejected
                  ? `${now.rejected} refused`
                  : now?.lastError
                    ? `Last failure: ${now.lastError}`
                    : "No failure yet"}
            </span>
          </div>
        );
      })}
    </figure>
  );
};
