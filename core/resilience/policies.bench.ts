/**
 * Cost of the policies around a DynamoDB call while all is well. Writes rows as JSON; `npm run bench --
 * policies` runs it.
 */
import { readConfig } from "../config/config.ts";
import { openLogger } from "../telemetry/logger.ts";
import { inSpan } from "../tracing/span.ts";
import { openTracing } from "../tracing/tracing.ts";
import { openAdmission } from "./admission.ts";
import { openCircuit } from "./circuit.ts";
import { openGiveUps } from "./give-ups.ts";
import { NO_OBJECTIVES } from "./priorities.ts";
import { fullJitter, RETRY_SETTINGS, retrying } from "./retry.ts";
import { openRetryBudget } from "./retry-budget.ts";
import { openRoom } from "./room.ts";

const ROUNDS = 9;
const CALLS = 200_000;

const circuit = openCircuit({ name: "bench", isFailure: () => true });
const room = openRoom({ places: 64, slowAfter: 50, most: 256 }, NO_OBJECTIVES);
const budget = openRetryBudget(RETRY_SETTINGS);
const retry = <T>(call: () => Promise<T>) =>
  retrying(call, (_, retries) => (budget.tryWithdraw() ? fullJitter(retries) : undefined));
const giveUps = openGiveUps();
const admission = openAdmission(NO_OBJECTIVES);
const tracing = openTracing(
  { isOn: true, ratio: 0, trustsCallers: false, endpoint: undefined, isKept: true },
  openLogger(readConfig({ LOG_LEVEL: "SILENT" })),
);
await tracing?.ready;
/** As a load balancer sends them. */
const HEADERS = { host: "shop.example", "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678" };
const ENTRANT = { priority: "read", since: 0, signal: undefined } as const;
const work = async (): Promise<number> => 1;

/** Each as the shop wires it, the last as all of it together. */
const SUBJECTS: Readonly<Record<string, () => Promise<unknown>>> = {
  "baseline: a bare call": work,
  "circuit breaker": () => circuit.execute(work),
  retry: () => retry(work),
  bulkhead: () => room.execute(work, ENTRANT),
  "give-ups": () => giveUps.wait(work()),
  "bulkhead, retry with budget, circuit breaker, give-ups": () => {
    budget.deposit();
    budget.note(false);
    return retry(() => room.execute(() => circuit.execute(() => giveUps.wait(work())), ENTRANT));
  },
  "tracing of a request whose trace is not kept": async () => {
    tracing?.beginRequest("GET /products/{productId}", HEADERS, 0);
  },
  "a call outside of any trace": () => inSpan("call", "client", undefined, work),
  "admission of a request": async () => {
    admission.isOpen();
  },
};

const names = Object.keys(SUBJECTS);
const costs = new Map<string, number[]>(names.map((name) => [name, []]));
for (let round = -1; round < ROUNDS; round++) {
  // In turn, so that what the machine does beside hits all of them alike; the first round warms up.
  for (const name of names) {
    const subject = SUBJECTS[name] ?? work;
    const startedAt = performance.now();
    for (let call = 0; call < CALLS; call++) await subject();
    if (round >= 0) costs.get(name)?.push(((performance.now() - startedAt) * 1_000) / CALLS);
  }
}
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const bare = median(costs.get(names[0] ?? "") ?? []);
const rows = names.map((what) => {
  const own = costs.get(what) ?? [];
  return {
    what,
    "us a call": Number(median(own).toFixed(2)),
    "min-max": `${Math.min(...own).toFixed(2)}-${Math.max(...own).toFixed(2)}`,
    "us added": Number((median(own) - bare).toFixed(2)),
    "to baseline": Number((median(own) / bare).toFixed(1)),
  };
});
console.log(JSON.stringify(rows));
