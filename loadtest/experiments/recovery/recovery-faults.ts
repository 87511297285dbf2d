import type { ChildService } from "../../harness/child-service.ts";
import type { Backstage, Stage } from "../experiment-stage.ts";

export type Target = "dynamodb" | "redis" | "payment";

/** Something that goes wrong for a while. */
export interface Fault {
  readonly name: string;
  readonly target: Target;
  /** Whether it takes processes of our own. */
  readonly needsBackstage: boolean;
  /** @param seconds it will last at the most, should nobody end it */
  readonly begin: (stage: Stage, seconds: number) => Promise<void>;
  readonly end: (stage: Stage) => Promise<void>;
}

/** By the shop's own switch, at its port to the dependency. */
const byFlag = (name: string, target: Target, kind: "error" | "hang"): Fault => {
  const path = `/resilience/simulate/${target}`;
  return {
    name,
    target,
    needsBackstage: false,
    begin: async ({ apis: [api] }, seconds) => {
      await api.post(path, { enable: true, kind, ttl_secs: Math.ceil(seconds) + 1 });
    },
    end: async ({ apis: [api] }) => {
      await api.post(path, { enable: false });
    },
  };
};

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

export const QUICK_FAULTS: readonly Fault[] = [
  byStopping("DynamoDB hangs", "dynamodb", engine),
  byKilling("Redis is killed", "redis", redis),
  byFlag("payment hangs", "payment", "hang"),
];

export const FULL_FAULTS: readonly Fault[] = [
  byFlag("DynamoDB fails", "dynamodb", "error"),
  byStopping("DynamoDB hangs", "dynamodb", engine),
  byKilling("DynamoDB is killed", "dynamodb", engine),
  byKilling("Redis is killed", "redis", redis),
  byStopping("Redis hangs", "redis", redis),
  byFlag("payment fails", "payment", "error"),
  byFlag("payment hangs", "payment", "hang"),
];

/** Faults that can be put into somebody else's shop. */
export const REMOTE_FAULTS: readonly Fault[] = [
  byFlag("DynamoDB fails", "dynamodb", "error"),
  byFlag("DynamoDB hangs", "dynamodb", "hang"),
  byFlag("Redis fails", "redis", "error"),
  byFlag("payment fails", "payment", "error"),
  byFlag("payment hangs", "payment", "hang"),
];
