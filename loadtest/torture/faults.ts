import type { FaultProxy, ProxySettings } from "../proxy/proxy.ts";
import { pick, type Random } from "../proxy/random.ts";

/** What goes wrong during one life of the server, beside its end. */
interface Trouble {
  readonly name: string;
  /** Set by the shop's own switches, which end by themselves. */
  readonly simulate?: readonly [service: "dynamodb" | "redis" | "payment", settings: object];
  readonly proxy?: Partial<ProxySettings>;
  readonly redisProxy?: Partial<ProxySettings>;
}

const TROUBLES: readonly Trouble[] = [
  { name: "none" },
  { name: "payment fails", simulate: ["payment", { failure_rate: 0.4 }] },
  { name: "payment hangs", simulate: ["payment", { failure_rate: 0.3, kind: "hang" }] },
  { name: "payment is slow", simulate: ["payment", { latency_ms: 150 }] },
  { name: "dynamodb fails", simulate: ["dynamodb", { failure_rate: 0.15 }] },
  { name: "dynamodb throttles", simulate: ["dynamodb", { failure_rate: 0.3, kind: "throttle" }] },
  { name: "dynamodb is slow", simulate: ["dynamodb", { latency_ms: 40 }] },
  { name: "redis fails", simulate: ["redis", { failure_rate: 0.5 }] },
  { name: "answers of dynamodb are cut", proxy: { cut: 0.1, half: 0.02, hangup: 0.02 } },
  { name: "connections to dynamodb are reset", proxy: { reset: 0.08, cut: 0.02 } },
  { name: "dynamodb stalls", proxy: { stall: 0.05, stallMs: 700, latencyMs: 3 } },
  { name: "redis is cut and stalls", redisProxy: { cut: 0.05, stall: 0.1, half: 0.05, stallMs: 200 } },
];

const TTL_SECONDS = 1;
const SERVICES = ["dynamodb", "redis", "payment"] as const;

export interface Breakable {
  readonly url: string;
  readonly dynamodb: FaultProxy;
  readonly redis: FaultProxy | undefined;
}

/** Puts one trouble in place. @returns its name */
export const breakSomething = async (
  random: Random,
  { url, dynamodb, redis }: Breakable,
): Promise<string> => {
  const { name, simulate, proxy = {}, redisProxy = {} } = pick(random, TROUBLES);
  dynamodb.set(proxy);
  redis?.set(redisProxy);
  if (simulate) {
    const [service, settings] = simulate;
    await post(`${url}/resilience/simulate/${service}`, { enable: true, ttl_secs: TTL_SECONDS, ...settings });
  }
  return name;
};

/** Ends all that was put in place and closes the circuits. */
export const mendEverything = async ({ url, dynamodb, redis }: Breakable): Promise<void> => {
  dynamodb.set({});
  redis?.set({});
  for (const service of SERVICES) await post(`${url}/resilience/simulate/${service}`, { enable: false });
  await post(`${url}/resilience/reset/all`);
};

const post = async (url: string, body?: object): Promise<void> => {
  const response = await fetch(url, {
    method: "POST",
    signal: AbortSignal.timeout(5_000),
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
};
