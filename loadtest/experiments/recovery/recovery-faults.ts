import type { ChildService } from "../../harness/child-service.ts";
import type { Backstage, Stage } from "../experiment-stage.ts";

export type Target = "dynamodb" | "redis" | "payment";

/** Something that goes wrong for a while. */
export interface Fault {
  /** At most 20 characters: a chart has room for no more on a phone. */
  readonly name: string;
  readonly target: Target;
  /** Whether it takes processes of our own. */
  readonly needsBackstage: boolean;
  /** Times the usual duration that it lasts; once unless given. */
  readonly lasts?: number;
  /** @param seconds it will last at the most, should nobody end it */
  readonly begin: (stage: Stage, seconds: number) => Promise<void>;
  readonly end: (stage: Stage) => Promise<void>;
}

/** A setting of the shop's own switch, as `POST /resilience/simulate/{service}` takes it. */
interface Setting {
  readonly failure_rate?: number;
  readonly kind?: "error" | "hang" | "throttle" | "decline";
  readonly latency_ms?: number;
  readonly latency_rate?: number;
  readonly flap_ms?: number;
  /** In the first process, and in no other. */
  readonly only_here?: true;
}

/** By the shop's own switch, at its port to the dependency. */
const byFlag = (name: string, target: Target, setting: Setting, also: readonly Target[] = []): Fault => {
  const set = ({ apis: [api] }: Stage, body: object) =>
    Promise.all([target, ...also].map((service) => api.post(`/resilience/simulate/${service}`, body)));
  return {
    name,
    target,
    needsBackstage: false,
    begin: async (stage, seconds) => {
      await set(stage, { enable: true, ...setting, ttl_secs: Math.ceil(seconds) + 1 });
    },
    end: async (stage) => {
      await set(stage, { enable: false, ...(setting.only_here && { only_here: true }) });
    },
  };
};

const lasting = (lasts: number, fault: Fault): Fault => ({ ...fault, lasts });

/** The normal times that trouble is compared with. */
export const NO_TROUBLE: Fault = {
  name: "no trouble",
  target: "payment",
  needsBackstage: false,
  begin: async () => undefined,
  end: async () => undefined,
};

/** Between two connections that go silent, in milliseconds. */
const SILENCE_EVERY = 200;

/** One after the other, some of the connections to the database go silent, while the others are well. */
const byBadConnections = (): Fault => {
  const timers = new Map<Stage, NodeJS.Timeout>();
  return {
    name: "connections go mute",
    target: "dynamodb",
    needsBackstage: true,
    begin: async (stage) => {
      timers.set(
        stage,
        setInterval(() => stage.backstage?.proxy?.silenceOne(), SILENCE_EVERY),
      );
    },
    end: async (stage) => {
      clearInterval(timers.get(stage));
      timers.delete(stage);
    },
  };
};

/** A dependency that answers slowly for a while after its return. */
const withSlowStart = (fault: Fault): Fault => ({
  ...fault,
  name: `${fault.name}, slow start`,
  end: async ({ apis: [api] }) => {
    const slow = { enable: true, failure_rate: 0, latency_ms: 150, ttl_secs: 2 };
    await api.post(`/resilience/simulate/${fault.target}`, slow);
  },
});

const onService =
  (begin: (service: ChildService) => unknown, end: (service: ChildService) => unknown) =>
  (name: string, target: Target, serviceOf: (backstage: Backstage) => ChildService): Fault => {
    const withService = (act: (service: ChildService) => unknown) => async (stage: Stage) => {
      if (!stage.backstage) throw new RangeError(`${name}: its process is not ours`);
      await act(serviceOf(stage.backstage));
    };
    return { name, target, needsBackstage: true, begin: withService(begin), end: withService(end) };
  };

/** Suspended: connections stay open, and nothing is answered any more. */
const byStopping = onService(
  (service) => service.signal("SIGSTOP"),
  (service) => service.signal("SIGCONT"),
);
const byKilling = onService(
  (service) => service.kill(),
  (service) => service.start(),
);

const engine = (backstage: Backstage): ChildService => backstage.engine;
const redis = (backstage: Backstage): ChildService => backstage.redis;

const FAIL = { failure_rate: 1, kind: "error" } as const;
const HANG = { failure_rate: 1, kind: "hang" } as const;

/** @param latency_rate share of the calls that take 2 s */
const slow = (latency_rate: number): Setting => ({ failure_rate: 0, latency_ms: 2_000, latency_rate });

/** Part of the calls fail, or take long. */
const BROWN_OUTS: readonly Fault[] = [
  byFlag("DynamoDB, 5 % fail", "dynamodb", { failure_rate: 0.05 }),
  byFlag("DynamoDB, 20 % fail", "dynamodb", { failure_rate: 0.2 }),
  byFlag("DynamoDB, 50 % fail", "dynamodb", { failure_rate: 0.5 }),
  byFlag("DynamoDB, 2 % slow", "dynamodb", slow(0.02)),
  byFlag("DynamoDB, 5 % slow", "dynamodb", slow(0.05)),
  byFlag("DynamoDB, 20 % slow", "dynamodb", slow(0.2)),
  byFlag("DynamoDB, 50 % slow", "dynamodb", slow(0.5)),
  byFlag("DynamoDB throttles", "dynamodb", { failure_rate: 0.2, kind: "throttle" }),
  byFlag("payment, 20 % fail", "payment", { failure_rate: 0.2 }),
];

export const QUICK_FAULTS: readonly Fault[] = [
  byStopping("DynamoDB hangs", "dynamodb", engine),
  byFlag("DynamoDB, 20 % fail", "dynamodb", { failure_rate: 0.2 }),
  byFlag("payment fails", "payment", FAIL),
];

export const FULL_FAULTS: readonly Fault[] = [
  NO_TROUBLE,
  ...BROWN_OUTS,
  byFlag("DynamoDB fails", "dynamodb", FAIL),
  byStopping("DynamoDB hangs", "dynamodb", engine),
  byKilling("DynamoDB is killed", "dynamodb", engine),
  withSlowStart(byFlag("DynamoDB", "dynamodb", FAIL)),
  lasting(2, byFlag("DynamoDB flaps", "dynamodb", { ...FAIL, flap_ms: 3_000 })),
  byBadConnections(),
  byFlag("1 of 2: no DynamoDB", "dynamodb", { ...HANG, only_here: true }),
  byFlag("1 of 2: no Redis", "redis", { ...HANG, only_here: true }),
  byFlag("1 of 2: no payment", "payment", { ...HANG, only_here: true }),
  // Payment's in between: the orders of one are settled before the next begins.
  lasting(2, byFlag("payment fails", "payment", FAIL)),
  byKilling("Redis is killed", "redis", redis),
  byStopping("Redis hangs", "redis", redis),
  lasting(2, byFlag("payment hangs", "payment", HANG)),
  byFlag("both stores fail", "dynamodb", FAIL, ["redis"]),
  byFlag("payment declines", "payment", { failure_rate: 1, kind: "decline" }),
  lasting(2, byFlag("payment flaps", "payment", { ...FAIL, flap_ms: 3_000 })),
];

/** Faults that can be put into somebody else's shop, the short list. */
export const QUICK_REMOTE_FAULTS: readonly Fault[] = [
  byFlag("DynamoDB, 20 % fail", "dynamodb", { failure_rate: 0.2 }),
  byFlag("DynamoDB fails", "dynamodb", FAIL),
  byFlag("DynamoDB hangs", "dynamodb", HANG),
  byFlag("Redis fails", "redis", FAIL),
  byFlag("payment fails", "payment", FAIL),
];

/** The long one. */
export const REMOTE_FAULTS: readonly Fault[] = [
  ...BROWN_OUTS,
  ...QUICK_REMOTE_FAULTS.slice(1),
  byFlag("payment hangs", "payment", HANG),
];
