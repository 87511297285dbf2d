import { CACHE_MODES } from "../redis/bus.ts";
import type { RedisSettings } from "../redis/redis-client.ts";
import { CIRCUIT_SETTINGS } from "../resilience/circuit.ts";
import { NO_OBJECTIVES } from "../resilience/priorities.ts";
import { RESILIENCE_MODES } from "../resilience/resilience.ts";
import { RETRY_SETTINGS } from "../resilience/retry.ts";
import { LIMIT_NAMES, rulesOf } from "../storage/limit-rules.ts";
import { TABLE_KEYS, TABLES, type TableKey, type TableNames } from "../tables.ts";
import { METRIC_NAMESPACE } from "../telemetry/metrics.ts";
import { accessSettings } from "./access-settings.ts";
import { type Environment, EnvironmentReader } from "./environment-reader.ts";
import { paymentSettings } from "./payment-settings.ts";
import { rateLimitSettings } from "./rate-limit-settings.ts";
import { tracingSettings } from "./tracing-settings.ts";

const LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "SILENT", "CRITICAL"] as const;

export type Config = ReturnType<typeof readConfig>;

const tableNames = (reader: EnvironmentReader, prefix: string): TableNames => {
  const nameOf = (key: TableKey): string => reader.linked(TABLES[key].link, "name") ?? `${prefix}${key}`;
  return Object.fromEntries(TABLE_KEYS.map((key) => [key, nameOf(key)])) as Record<TableKey, string>;
};

/** A linked Redis, else the URL of a variable, else none. */
const redisSettings = (reader: EnvironmentReader): RedisSettings | undefined => {
  const cluster = reader.oneOf("REDIS_CLUSTER", "false", ["true", "false"]) === "true";
  const commandTimeout = reader.integer("REDIS_TIMEOUT_MS", 100, { min: 1, max: 10_000 });
  const url = linkedRedisUrl(reader) ?? reader.url("REDIS_URL", ["redis:", "rediss:"]);
  return url === undefined ? undefined : { url, cluster, commandTimeout };
};

/** ElastiCache speaks TLS and asks for a password; the Redis that `sst dev` links on one's own machine has neither. */
const linkedRedisUrl = (reader: EnvironmentReader): string | undefined => {
  const [host, port] = [reader.linked("Cache", "host"), reader.linked("Cache", "port", { type: "number" })];
  const user = reader.linked("Cache", "username");
  const password = reader.linked("Cache", "password", { mayBeEmpty: true });
  if (!host || !port || !user || password === undefined) return undefined;
  if (password === "") return `redis://${host}:${port}`;
  return `rediss://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}`;
};

/**
 * Reads everything the shop takes from its environment: linked resources first, then variables, then
 * defaults. Durations are milliseconds unless the name says otherwise.
 *
 * @throws ConfigurationError naming each variable whose value is wrong
 */
export const readConfig = (env: Environment = process.env) => {
  const reader = new EnvironmentReader(env);
  const ms = (name: string, fallback: number, max = 3_600_000) =>
    reader.integer(name, fallback, { min: 1, max });
  const host = reader.text("HOST", "127.0.0.1");
  const access = accessSettings(reader, host);
  const hasConsole = reader.oneOf("CONSOLE", "off", ["on", "off"]) === "on";
  const config = {
    access,
    rateLimits: rateLimitSettings(reader, access.mode === "open"),
    http: {
      port: reader.integer("PORT", 8080, { min: 0, max: 65_535 }),
      host,
      /** The origin whose pages may call the API; none unless set. */
      corsOrigin: reader.origin("CORS_ORIGIN"),
      /** Names by which a shop on loopback is reached beside its own. */
      allowedHosts:
        reader
          .optional("ALLOWED_HOSTS")
          ?.toLowerCase()
          .split(/[\s,]+/)
          .filter(Boolean) ?? [],
      /** Time that one request may take, handed down to every call it makes. */
      requestDeadline: ms("REQUEST_DEADLINE_MS", 10_000, 300_000),
      /** How long in-flight requests may go on after SIGTERM. Below the 30 s that ECS waits before SIGKILL. */
      drainDeadline: ms("DRAIN_DEADLINE_MS", 20_000, 120_000),
      /**
       * How long a process that is to stop goes on serving, while its health check already fails: what a load
       * balancer takes to notice. None is needed where targets are deregistered first, as ECS does.
       */
      drainNotice: reader.integer("DRAIN_NOTICE_MS", 0, { min: 0, max: 120_000 }),
    },
    /**
     * Milliseconds within which an answer is worth its work: a request is refused only when it could not be answered within
     * them any more. A reader gives up looking at a page after about as long; a buyer who has decided waits longer.
     */
    objectives: {
      ...NO_OBJECTIVES,
      checkout: ms("OBJECTIVE_CHECKOUT_MS", 3_000),
      write: ms("OBJECTIVE_WRITE_MS", 1_000),
      read: ms("OBJECTIVE_READ_MS", 500),
      search: ms("OBJECTIVE_READ_MS", 500),
    },
    dataDir: reader.text("DATA_DIR", ".data"),
    /** The version that runs, such as a commit; `/health` names it. */
    release: reader.text("RELEASE", "local"),
    dynamodb: {
      endpoint: reader.url("DYNAMODB_ENDPOINT", ["http:", "https:"]),
      region: reader.text("AWS_REGION", "us-east-1"),
      /** One attempt's limit. A healthy call takes single milliseconds, but a busy host may pause a process for longer. */
      requestTimeout: ms("DYNAMODB_TIMEOUT_MS", 1_000, 60_000),
      /** How calls are sent: `lean` by the SDK's protocol alone, `sdk` through all of the SDK. */
      client: reader.oneOf("DYNAMODB_CLIENT", "lean", ["lean", "sdk"]),
      maxAttempts: reader.integer("DYNAMODB_MAX_ATTEMPTS", 5, {
        min: 1,
        max: 10,
      }),
      tables: tableNames(reader, reader.text("TABLE_PREFIX", "stampede-")),
      /** DynamoDB's limits that the local launcher puts in front of the database, and how much of its capacities. */
      limits: {
        rules: rulesOf(reader.anyOf("DYNAMODB_LIMITS", LIMIT_NAMES)),
        scale: reader.factor("DYNAMODB_SCALE", 1, 1_000),
      },
      /** Whether tables of a deployed stage are linked, as SST does it. */
      isLinked: TABLE_KEYS.some((key) => reader.optional(`SST_RESOURCE_${TABLES[key].link}`) !== undefined),
    },
    redis: redisSettings(reader),
    cache: {
      mode: reader.oneOf("CACHE_MODE", "tiered", CACHE_MODES),
      memoryBytes: reader.integer("CACHE_MEMORY_MB", 128, { min: 1, max: 65_536 }) * 1024 * 1024,
      /** Soft lifetime of a product: from then on it is refreshed while it is served. */
      ttl: ms("CACHE_TTL_MS", 300_000, 86_400_000),
      /** Products loaded into the cache before the process calls itself healthy; the most read ones first. */
      warm: reader.integer("CACHE_WARM", 0, { min: 0, max: 1_000_000 }),
    },
    catalogSize: reader.integer("CATALOG_SIZE", 100_000, {
      min: 0,
      max: 10_000_000,
    }),
    cartTtlSeconds: 7 * 24 * 60 * 60,
    payment: paymentSettings(reader),
    stock: {
      /** Counters that the shop gives a product by itself at the most. */
      maxShards: reader.integer("STOCK_AUTO_SHARDS", 16, { min: 1, max: 64 }),
    },
    fulfilment: {
      /** How long the stream has for a confirmed order before recovery fulfils it: long past the usual second. */
      grace: ms("FULFILMENT_GRACE_MS", 60_000, 86_400_000),
    },
    recovery: {
      /** How often the local launcher runs the recovery handler. On AWS a schedule does. */
      interval: ms("RECOVERY_INTERVAL_MS", 2_000),
    },
    telemetry: {
      logLevel: reader.oneOf("LOG_LEVEL", "INFO", LOG_LEVELS),
      metricsInterval: ms("METRICS_INTERVAL_MS", 10_000),
      metricsNamespace: reader.text("METRICS_NAMESPACE", METRIC_NAMESPACE),
      /** Whether the process answers `/metrics`. The local launcher turns it on. */
      prometheus: reader.oneOf("PROMETHEUS", "off", ["on", "off"]) === "on",
    },
    tracing: tracingSettings(reader, hasConsole),
    /** Whether faults may be injected at all. The local launcher turns it on. */
    faultsEnabled: reader.oneOf("FAULTS", "off", ["on", "off"]) === "on",
    /** Whether the process serves the storefront and the console. The local launcher turns it on. */
    console: hasConsole,
    /** Of the circuit breakers. */
    circuit: {
      failures: reader.integer("CIRCUIT_FAILURES", CIRCUIT_SETTINGS.failures, { min: 1, max: 10_000 }),
      silence: ms("CIRCUIT_SILENCE_MS", CIRCUIT_SETTINGS.silence, 600_000),
      probeEvery: ms("CIRCUIT_PROBE_MS", CIRCUIT_SETTINGS.probeEvery, 600_000),
    },
    /** Of storage calls; how many there are at the most is `dynamodb.maxAttempts`. */
    retry: {
      ...RETRY_SETTINGS,
      baseDelay: ms("RETRY_BASE_MS", RETRY_SETTINGS.baseDelay, 60_000),
      maxDelay: ms("RETRY_MAX_MS", RETRY_SETTINGS.maxDelay, 60_000),
      budgetRatio:
        reader.integer("RETRY_BUDGET_PERCENT", RETRY_SETTINGS.budgetRatio * 100, { min: 0, max: 100 }) / 100,
    },
    /** Off, nothing but timeouts stands between a request and a dependency: to measure what the rest is worth. */
    resilience: reader.oneOf("RESILIENCE", "on", RESILIENCE_MODES),
    memoryLimitMb: reader.integer("MEMORY_LIMIT_MB", 1_536, {
      min: 64,
      max: 1_048_576,
    }),
  };
  reader.finish();
  return config;
};
