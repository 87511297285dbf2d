import { setTimeout as sleep } from "node:timers/promises";
import type { ChildService } from "../../harness/child-service.ts";
import { pick, type Random } from "../../harness/random.ts";
import type { FaultProxy } from "../proxy/fault-proxy.ts";
import type { ProxySettings } from "../proxy/proxy-faults.ts";
import { type RedisTrouble, troubleRedis } from "./redis-troubles.ts";

const SERVICES = ["dynamodb", "redis", "payment"] as const;

/** Timeout of one call of the database in the shop under torture, in milliseconds. */
export const DYNAMODB_TIMEOUT_MS = 800;

/** For a machine that is busy: the shop has to place, pay and fulfil orders meanwhile. */
const DROP_WITHIN_MS = 20_000;

type Service = (typeof SERVICES)[number];

/** Trouble during one life of the server, beside its end. */
interface Trouble {
  readonly name: string;
  /** Set by the shop's own switches, which end by themselves. */
  readonly simulate?: readonly [service: Service, settings: object];
  /** The same of another dependency at the same time. */
  readonly also?: readonly [service: Service, settings: object];
  readonly proxy?: Partial<ProxySettings>;
  readonly redisProxy?: Partial<ProxySettings>;
  readonly redisTrouble?: RedisTrouble;
  /** Milliseconds for which the database is gone while the shop is at work. */
  readonly engineGoneMs?: number;
  /** How it goes: killed by `kill -9`, which is usual, or suspended with its connections open. */
  readonly engineGoes?: "killed" | "suspended";
  /** Milliseconds between two connections to the database that go silent. */
  readonly silenceEveryMs?: number;
  /** Milliseconds that the server lives at the least, where the trouble takes its time. */
  readonly leastLifeMs?: number;
}

export const DROPPED_RECORDS = "stream records are dropped";
export const PAYMENT_AWAY = "payment is away";

const TROUBLES: readonly Trouble[] = [
  { name: "none" },
  { name: "payment fails", simulate: ["payment", { failure_rate: 0.4 }] },
  { name: "payment hangs", simulate: ["payment", { failure_rate: 0.3, kind: "hang" }] },
  { name: "payment declines everything", simulate: ["payment", { kind: "decline" }] },
  { name: "payment flaps", simulate: ["payment", { flap_ms: 400 }] },
  { name: "dynamodb flaps", simulate: ["dynamodb", { flap_ms: 300 }] },
  {
    name: "a tenth of dynamodb's calls take long",
    simulate: ["dynamodb", { failure_rate: 0, latency_ms: 2_000, latency_rate: 0.1 }],
  },
  { name: "payment is slow", simulate: ["payment", { latency_ms: 150 }] },
  { name: "dynamodb fails", simulate: ["dynamodb", { failure_rate: 0.15 }] },
  { name: "dynamodb throttles", simulate: ["dynamodb", { failure_rate: 0.3, kind: "throttle" }] },
  { name: "dynamodb is slow", simulate: ["dynamodb", { latency_ms: 40 }] },
  { name: "redis fails", simulate: ["redis", { failure_rate: 0.5 }] },
  { name: "answers of dynamodb are cut", proxy: { cut: 0.1, half: 0.02, hangup: 0.02 } },
  { name: "connections to dynamodb are reset", proxy: { reset: 0.08, cut: 0.02 } },
  { name: "dynamodb stalls", proxy: { stall: 0.05, stallMs: DYNAMODB_TIMEOUT_MS - 100, latencyMs: 3 } },
  {
    // The write is committed, but its caller times out before the answer arrives.
    name: "dynamodb stalls for longer than anybody waits",
    proxy: { stall: 0.05, stallMs: DYNAMODB_TIMEOUT_MS + 400 },
    leastLifeMs: DYNAMODB_TIMEOUT_MS + 200,
  },
  // Fulfilment never gets them; recovery has to.
  { name: DROPPED_RECORDS, proxy: { dropRecords: 0.5 }, leastLifeMs: 500 },
  { name: "dynamodb is killed", engineGoneMs: 100, leastLifeMs: 400 },
  { name: "dynamodb is suspended", engineGoneMs: 900, engineGoes: "suspended", leastLifeMs: 1_200 },
  { name: "connections to dynamodb go silent", silenceEveryMs: 50, leastLifeMs: 300 },
  { name: "dynamodb hangs", simulate: ["dynamodb", { kind: "hang" }], leastLifeMs: 300 },
  { name: "half of dynamodb's calls fail", simulate: ["dynamodb", { failure_rate: 0.5 }] },
  {
    name: "both stores fail",
    simulate: ["dynamodb", { failure_rate: 0.7 }],
    also: ["redis", { failure_rate: 1 }],
  },
  { name: PAYMENT_AWAY, simulate: ["payment", {}], leastLifeMs: 400 },
  { name: "redis says and holds garbage", redisTrouble: "garbage", leastLifeMs: 400 },
  { name: "redis is demoted", redisTrouble: "demotion", leastLifeMs: 400 },
  { name: "redis is cut and stalls", redisProxy: { cut: 0.05, stall: 0.1, half: 0.05, stallMs: 200 } },
];

const TTL_SECONDS = 1;
const POST_ATTEMPTS = 10;
const ATTEMPT_PAUSE_MS = 200;
const POST_TIMEOUT_MS = 20_000;

/** That a server lives at the most beyond what its trouble takes. */
const LIFE_MAX_MS = 1_200;
/** How soon the database is killed, where it is. */
const ENGINE_KILL_WITHIN_MS = 300;

export interface Breakable {
  readonly url: string;
  readonly engine: ChildService;
  readonly dynamodb: FaultProxy;
  readonly redis: FaultProxy | undefined;
  /** Where Redis itself listens, behind the proxy. */
  readonly redisPort: number | undefined;
}

/** One trouble that was put in place. */
export interface Troubled {
  readonly name: string;
  /** Milliseconds for which the server lives with it. */
  readonly lifeMs: number;
  /** Settled once the database is there, Redis is itself again, and a record was dropped where that is all there is. */
  readonly isBack: Promise<unknown>;
}

/**
 * Puts one trouble in place, drawn at random.
 *
 * @param only the name of the one that it is to be
 */
export const breakSomething = async (
  random: Random,
  { url, engine, dynamodb, redis, redisPort }: Breakable,
  only?: string,
): Promise<Troubled> => {
  const trouble = pick(
    random,
    TROUBLES.filter(({ name }) => only === undefined || name === only),
  );
  const {
    name,
    proxy = {},
    redisProxy = {},
    redisTrouble,
    engineGoneMs,
    engineGoes,
    silenceEveryMs,
    leastLifeMs = 0,
  } = trouble;
  dynamodb.set(proxy);
  redis?.set(redisProxy);
  for (const [service, settings] of [trouble.simulate, trouble.also].filter((set) => set !== undefined)) {
    await post(`${url}/resilience/simulate/${service}`, { enable: true, ttl_secs: TTL_SECONDS, ...settings });
  }
  const lifeMs = leastLifeMs + random() * LIFE_MAX_MS;
  const killedAfter = random() * ENGINE_KILL_WITHIN_MS;
  const goFor = engineGoes === "suspended" ? suspendForAWhile : killForAWhile;
  const engineIsBack =
    engineGoneMs === undefined ? Promise.resolve() : goFor(engine, killedAfter, engineGoneMs);
  const silencing =
    silenceEveryMs === undefined ? undefined : setInterval(dynamodb.silenceOne, silenceEveryMs);
  const areSilenced = silencing && sleep(lifeMs).then(() => clearInterval(silencing));
  const redisIsBack =
    redisTrouble && redisPort !== undefined ? troubleRedis(redisPort, redisTrouble) : Promise.resolve();
  // A run of this trouble alone is about nothing else, however slow the machine is.
  const hasDropped = only && proxy.dropRecords ? untilRecordIsDropped(dynamodb) : undefined;
  return { name, lifeMs, isBack: Promise.all([engineIsBack, redisIsBack, areSilenced, hasDropped]) };
};

const untilRecordIsDropped = async ({ stats }: FaultProxy): Promise<void> => {
  const before = stats().droppedRecords;
  for (const giveUpAt = Date.now() + DROP_WITHIN_MS; Date.now() < giveUpAt; await sleep(50)) {
    if (stats().droppedRecords > before) return;
  }
};

const killForAWhile = async (engine: ChildService, after: number, gone: number): Promise<void> => {
  await sleep(after);
  await engine.kill();
  await sleep(gone);
  await engine.start();
};

const suspendForAWhile = async (engine: ChildService, after: number, gone: number): Promise<void> => {
  await sleep(after);
  engine.signal("SIGSTOP");
  await sleep(gone);
  engine.signal("SIGCONT");
};

/** Ends all that was put in place and closes the circuits. */
export const mendEverything = async ({ url, dynamodb, redis }: Breakable): Promise<void> => {
  dynamodb.set({});
  redis?.set({});
  for (const service of SERVICES) await post(`${url}/resilience/simulate/${service}`, { enable: false });
  await post(`${url}/resilience/reset/all`);
};

export const post = async (url: string, body?: object): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, {
      method: "POST",
      signal: AbortSignal.timeout(POST_TIMEOUT_MS),
      ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (response.ok) return;
    // A shop under torture on a busy machine may miss its deadline, which is short here.
    if (response.status !== 503 || attempt === POST_ATTEMPTS)
      throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    await sleep(ATTEMPT_PAUSE_MS);
  }
};
