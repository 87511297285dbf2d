import type { Caller } from "../../harness/callers.ts";
import { NO_HURRY } from "../../harness/no-hurry.ts";
import type { Weather } from "./check-answer.ts";

export const CONDITION_NAMES = ["open", "calm", "faults", "overload"] as const;
export type ConditionName = (typeof CONDITION_NAMES)[number];

/** Trouble that the shop is in while it is fuzzed. */
export interface Condition {
  readonly environment: Readonly<Record<string, string>>;
  readonly weather: Weather;
  readonly lanes: number;
  /** Keeps the trouble up, as an administrator, until it is stopped. */
  readonly disturb: (url: string, headers: Caller["headers"]) => () => Promise<void>;
}

const nothing = (): (() => Promise<void>) => async () => undefined;

const SERVICES = ["dynamodb", "redis", "payment"] as const;
const FAULT_KINDS = ["error", "hang", "throttle", "decline"] as const;
const FAULT_EVERY_MS = 200;

/** Breaks one dependency after the other, half of its calls; in the turns between, nothing is broken. */
const injectFaults: Condition["disturb"] = (url, headers) =>
  repeating(async (turn) => {
    const service = SERVICES[turn % SERVICES.length];
    const kind = FAULT_KINDS[Math.floor(turn / SERVICES.length) % FAULT_KINDS.length];
    await fetch(`${url}/resilience/simulate/${service}`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ enable: turn % 2 === 0, kind, failure_rate: 0.5, ttl_secs: 2 }),
    });
    await Bun.sleep(FAULT_EVERY_MS);
  });

const CROWD = 48;

/** Searches and carts, all at once: more than a shop can answer within a millisecond. */
const crowd: Condition["disturb"] = (url, headers) => {
  const stops = Array.from({ length: CROWD }, (_, number) =>
    repeating(async (turn) => {
      const path = number % 2 === 0 ? "/products/search?q=lamp" : `/cart/crowd-${turn % 10}`;
      await (await fetch(url + path, { headers })).arrayBuffer();
    }),
  );
  return async () => void (await Promise.all(stops.map((stop) => stop())));
};

/** Does something again and again, whatever comes of it, until it is stopped. */
const repeating = (act: (turn: number) => Promise<void>): (() => Promise<void>) => {
  let isStopped = false;
  const running = (async () => {
    for (let turn = 0; !isStopped; turn += 1) await act(turn).catch(() => Bun.sleep(10));
  })();
  return () => {
    isStopped = true;
    return running;
  };
};

/** Failures come soon, so that a run has many of them. */
const SHORT_TIMEOUTS = {
  REQUEST_DEADLINE_MS: "2000",
  DYNAMODB_TIMEOUT_MS: "200",
  PAYMENT_TIMEOUT_MS: "300",
};

const CALM: Condition = {
  environment: { FAULTS: "off", ...NO_HURRY },
  weather: "calm",
  lanes: 4,
  disturb: nothing,
};

export const CONDITIONS: Readonly<Record<ConditionName, Condition>> = {
  /** With `AUTH=open`; the other conditions are with a caller for each role. */
  open: CALM,
  calm: CALM,
  faults: {
    environment: { FAULTS: "on", ...SHORT_TIMEOUTS },
    weather: "trouble",
    lanes: 16,
    disturb: injectFaults,
  },
  overload: {
    environment: {
      FAULTS: "off",
      OBJECTIVE_READ_MS: "1",
      OBJECTIVE_WRITE_MS: "1",
      OBJECTIVE_CHECKOUT_MS: "1",
    },
    weather: "trouble",
    lanes: 16,
    disturb: crowd,
  },
};
