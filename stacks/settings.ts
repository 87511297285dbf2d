import {
  type Domain,
  EVERYBODY,
  type Identity,
  readAllowFrom,
  readCanary,
  readCanaryProduct,
  readDomain,
  readIdentity,
} from "./door-settings.ts";
import {
  type AcceptedOrders,
  readPayment,
  readPaymentOutage,
  type StripeDeployment,
} from "./payment-settings.ts";
import {
  type RedisEngine,
  readBackupDays,
  readRedisEngine,
  readWaf,
  type Waf,
} from "./safeguard-settings.ts";
import { readSale, readTasks, type Sale, type TaskRange } from "./sale.ts";
import { SETTINGS, unknownNames } from "./setting-names.ts";
import { type Environment, SettingsReader } from "./settings-reader.ts";
import { readShared, type Shared } from "./shared-settings.ts";
import { SIZES } from "./sizes.ts";
import { kindOf, type StageKind, stageProblems } from "./stage-name.ts";
import { readTracing, type TracingSettings } from "./tracing-settings.ts";
import { readTrafficLogs, type TrafficLogs } from "./traffic-log-settings.ts";

/** A deployment's settings, from its stage and its environment, checked before anything is created. */
export interface Settings extends TrafficLogs {
  readonly kind: StageKind;
  /** Behind the load balancer, or a function an endpoint behind an HTTP API. */
  readonly api: "container" | "functions";
  readonly redis: "single" | "cluster";
  readonly redisEngine: RedisEngine;
  readonly domain?: Domain;
  /** The address that receives alarms. */
  readonly alarmEmail?: string;
  /** Networks that may reach the load balancer. */
  readonly allowFrom: readonly string[];
  /** Network and Redis of another stage, by AWS's ids, for a stage that is there for a pull request only. */
  readonly shared?: Shared;
  readonly tasks: TaskRange;
  readonly sale?: Sale;
  /** Whether a function calls the shop from outside every minute. */
  readonly canary: boolean;
  /** The product that it orders. Absent: the first of the list that it can. */
  readonly canaryProduct?: number;
  /** Absent where no traces are collected. */
  readonly tracing?: TracingSettings;
  /** Absent: payments are simulated. */
  readonly stripe?: StripeDeployment;
  /** Absent: checkouts are refused while the payment processor is away. */
  readonly accepted?: AcceptedOrders;
  /** The issuer of users' tokens. Absent: only machines with a key, and guests, are let in. */
  readonly identity?: Identity;
  /** Absent: no firewall before the load balancer. */
  readonly waf?: Waf;
  /** Days of which every second of the tables can be restored. Absent: none. */
  readonly backupDays?: number;
  /** ARN of the policy that bounds every role. Absent: none does. */
  readonly permissionsBoundary?: string;
}

/** Thrown with every problem at once; nothing has been created then. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(problems: readonly string[]) {
    super(`This can't be deployed:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

const POLICY = /^arn:aws[\w-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]{1,512}$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** The client's own setting, where somebody has set it, must fit the Redis that is deployed. */
const checkRedisClient = (reader: SettingsReader, redis: Settings["redis"]): void => {
  const client = reader.oneOf("REDIS_CLUSTER", ["true", "false", ""], "");
  if (client === "" || (client === "true") === (redis === "cluster")) return;
  reader.report(
    `STAMPEDE_REDIS=${redis} does not fit REDIS_CLUSTER=${client}: the client must be set for the Redis it ` +
      `talks to. Unset REDIS_CLUSTER, and it follows STAMPEDE_REDIS`,
  );
};

/** Production must not be open to everybody, or served over plain HTTP, just because its settings were missing. */
const requireDecisions = (reader: SettingsReader, api: Settings["api"]): void => {
  if (!reader.value("STAMPEDE_DOMAIN")) {
    reader.report(
      `production needs STAMPEDE_DOMAIN: its domain name, or none to serve ${api === "container" ? "plain HTTP " : ""}under AWS's own address`,
    );
  }
  if (api === "container" && !reader.value("STAMPEDE_ALLOW_FROM")) {
    reader.report(
      `production needs STAMPEDE_ALLOW_FROM: the networks that may reach it, or ${EVERYBODY} for everybody`,
    );
  }
};

/** One machine's settings must not change the stage behind the backs of those who deploy from others. */
const reportContradictions = (reader: SettingsReader, local: Environment, kept: Environment): void => {
  for (const [name, value] of Object.entries(kept)) {
    const here = local[name]?.trim();
    if (!here || here === value?.trim()) continue;
    reader.report(
      `${name} is "${here}" here, and "${value}" in the stage's parameters: unset it here, or change the parameter`,
    );
  }
};

/**
 * Reads the settings of a deployment from `STAMPEDE_*` variables.
 *
 * @param kept those kept with the stage
 * @throws SettingsError naming everything that is wrong
 */
export const readSettings = (
  stage: string,
  local: Environment = process.env,
  kept: Environment = {},
): Settings => {
  const env = { ...local, ...kept };
  const reader = new SettingsReader(env);
  reportContradictions(reader, local, kept);
  const kind = kindOf(stage);
  for (const problem of stageProblems(stage)) reader.report(problem);
  for (const name of unknownNames(env)) {
    reader.report(`${name} is not a setting. There are ${SETTINGS.join(", ")}`);
  }
  const api = reader.oneOf("STAMPEDE_API", ["container", "functions"], "container");
  const redis = reader.oneOf("STAMPEDE_REDIS", ["single", "cluster"], "single");
  checkRedisClient(reader, redis);
  const domain = readDomain(reader);
  const alarmEmail = reader.matching("STAMPEDE_ALARM_EMAIL", EMAIL, "an e-mail address");
  const allowFrom = readAllowFrom(reader, api);
  const shared = readShared(reader, kind, redis);
  const tasks = readTasks(reader, SIZES[kind].tasks);
  const sale = readSale(reader, tasks);
  for (const name of ["STAMPEDE_TASKS", "STAMPEDE_SALE"]) {
    if (api === "functions" && reader.value(name)) {
      reader.report(`${name} needs STAMPEDE_API=container: functions have no tasks`);
    }
  }
  const tracing = readTracing(reader, api);
  const stripe = readPayment(reader);
  const accepted = readPaymentOutage(reader);
  const identity = readIdentity(reader);
  const waf = readWaf(reader, api);
  const redisEngine = readRedisEngine(reader, shared !== undefined);
  const backupDays = readBackupDays(reader, kind);
  const logs = readTrafficLogs(reader, api, shared !== undefined);
  const permissionsBoundary = reader.matching(
    "STAMPEDE_PERMISSIONS_BOUNDARY",
    POLICY,
    "the ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/stampede-boundary",
  );
  const canary = readCanary(reader, kind, allowFrom);
  const canaryProduct = readCanaryProduct(reader, canary);
  if (kind === "production") requireDecisions(reader, api);

  if (reader.problems.length > 0) throw new SettingsError(reader.problems);
  return {
    kind,
    api,
    redis,
    redisEngine,
    ...(domain && { domain }),
    ...(alarmEmail && { alarmEmail }),
    allowFrom,
    ...(shared && { shared }),
    tasks,
    ...(sale && { sale }),
    canary,
    ...(canaryProduct && { canaryProduct }),
    ...(tracing && { tracing }),
    ...(stripe && { stripe }),
    ...(accepted && { accepted }),
    ...(identity && { identity }),
    ...(waf && { waf }),
    ...(backupDays && { backupDays }),
    ...logs,
    ...(permissionsBoundary && { permissionsBoundary }),
  };
};
