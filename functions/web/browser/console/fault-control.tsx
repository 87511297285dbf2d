import { useState } from "preact/hooks";
import { answerOf, shop } from "../ui/shop.ts";
import { attempt } from "./attempt.ts";
import { moments } from "./stream.ts";

const SERVICES = [
  ["payment", "Payment"],
  ["redis", "Redis"],
  ["dynamodb", "DynamoDB"],
] as const;
const KINDS = [
  ["error", "fail at once"],
  ["hang", "never answer"],
  ["throttle", "are throttled"],
  ["decline", "are declined"],
] as const;

export type Service = (typeof SERVICES)[number][0];
type Kind = (typeof KINDS)[number][0];

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly max: number;
  readonly step: number;
  readonly min?: number;
  readonly onInput: (value: number) => void;
}

export const Slider = ({ label, value, unit, max, step, min = 0, onInput }: SliderProps) => (
  <label class="slider">
    <span>{label}</span>
    <input
      type="range"
      min={min}
      max={max}
      step={step}
      value={value}
      aria-valuetext={`${value} ${unit}`}
      onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
    />
    <output>
      {value} {unit}
    </output>
  </label>
);

export const breakService = (
  service: Service,
  fault: { share: number; latency: number; kind: Kind; seconds: number },
): Promise<unknown> =>
  answerOf(
    shop.POST("/resilience/simulate/{service}", {
      params: { path: { service } },
      body: {
        enable: true,
        failure_rate: fault.share / 100,
        latency_ms: fault.latency,
        kind: fault.kind,
        ttl_secs: fault.seconds,
      },
    }),
  );

export const mendService = (service: Service): Promise<unknown> =>
  answerOf(
    shop.POST("/resilience/simulate/{service}", {
      params: { path: { service } },
      body: { enable: false, latency_ms: 0, kind: "error", ttl_secs: 1 },
    }),
  );

export const resetBreaker = (service: Service): Promise<unknown> =>
  answerOf(shop.POST("/resilience/reset/{service}", { params: { path: { service } } }));

export const FaultControl = () => {
  const [service, setService] = useState<Service>("payment");
  const [share, setShare] = useState(100);
  const [latency, setLatency] = useState(0);
  const [kind, setKind] = useState<Kind>("error");
  const [seconds, setSeconds] = useState(30);
  const last = moments.value.at(-1);
  const fault = last?.faults[service];
  const left = fault ? Math.max(0, Math.round((fault.expiresAt - Date.now()) / 1_000)) : 0;
  return (
    <form
      class="faults"
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(() => breakService(service, { share, latency, kind, seconds }));
      }}
    >
      <fieldset class="choice">
        <legend>Break a dependency</legend>
        {SERVICES.map(([value, name]) => (
          <label key={value}>
            <input
              type="radio"
              name="service"
              checked={service === value}
              onChange={() => setService(value)}
            />
            <span>
              {name}
              {last?.faults[value] && <i class="dot" title="broken on purpose" />}
            </span>
          </label>
        ))}
      </fieldset>
      <Slider label="Calls that fail" value={share} unit="%" max={100} step={5} onInput={setShare} />
      <label class="slider">
        <span>They</span>
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value as Kind)}>
          {KINDS.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Slider label="Added latency" value={latency} unit="ms" max={2_000} step={50} onInput={setLatency} />
      <Slider label="For" value={seconds} unit="s" min={5} max={120} step={5} onInput={setSeconds} />
      <div class="buttons">
        <button type="submit" class="button primary">
          Break {service}
        </button>
        <button
          type="button"
          class="button"
          disabled={!fault}
          onClick={() => attempt(() => mendService(service))}
        >
          Mend{fault ? ` (${left} s left)` : ""}
        </button>
        <button type="button" class="button" onClick={() => attempt(() => resetBreaker(service))}>
          Reset breaker
        </button>
      </div>
    </form>
  );
};
