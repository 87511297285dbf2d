import { CACHE_MODES } from "./cache/bus.ts";
import type { RedisSettings } from "./cache/redis-client.ts";
import { TABLE_KEYS, TABLES, type TableKey, type TableNames } from "./tables.ts";
import { METRIC_NAMESPACE } from "./telemetry/metrics.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "SILENT", "CRITICAL"] as const;

/** Thrown at start-up when the environment cannot be understood; the message names every bad variable. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

export type Config = ReturnType<typeof readConfig>;

/** Collects every problem before failing, so that one start shows all that is wrong. */
class Reader {
  readonly problems: string[] = [];
  private readonly env: Environment;

  constructor(env: Environment) {
    this.env = env;
  }

  /** An empty variable counts as unset: compose files and CI write `NAME=` for "no value". */
  optional(name: string): string | undefined {
    return this.env[name] || undefined;
  }

  text(name: string, fallback: string): string {
    return this.optional(name) ?? fallback;
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const raw = this.optional(name);
    if (raw === undefined) return fallback;
    const value = Number(raw);
    if (/^-?\d+$/.test(raw) && value >= range.min && value <= range.max) return value;
    return this.reject(name, `an integer from ${range.min} to ${range.max}`, fallback, raw);
  }

  oneOf<T extends string>(name: string, fallback: T, allowed: readonly T[]): T {
    const raw = this.optional(name);
    if (raw === undefined) return fallback;
    const match = allowed.find((option) => option === raw);
    return match ?? this.reject(name, `one of ${allowed.join(", ")}`, fallback, raw);
  }

  url(name: string, protocols: readonly string[]): string | undefined {
    const raw = this.optional(name);
    if (raw === undefined) return undefined;
    if (URL.canParse(raw) && protocols.includes(new URL(raw).protocol)) return raw;
    return this.reject(name, `a URL starting with ${protocols.map((p) => `${p}//`).join(" or ")}`, undefined);
  }

  /** What may stand in `Access-Control-Allow-Origin`. */
  origin(name: string, fallback: string): string {
    const raw = this.text(name, fallback);
    if (raw === "*" || (URL.canParse(raw) && new URL(raw).origin === raw)) return raw;
    return this.reject(name, "* or an origin such as https://shop.example", fallback);
  }

  /** One property of a linked SST resource, as SST hands it to a process. */
  linked(
    resource: string,
    property: string,
    { type = "string", mayBeEmpty = false }: { type?: "string" | "number"; mayBeEmpty?: boolean } = {},
  ): string | undefined {
    const name = `SST_RESOURCE_${resource}`;
    const raw = this.optional(name);
    if (raw === undefined) return undefined;
    const value = parsedJson(raw)?.[property];
    if (typeof value === type && (mayBeEmpty || value !== "")) return String(value);
    return this.reject(name, `a JSON object with a "${property}", as SST writes it`, undefined);
  }

  /** @param shown the value, unless it may hold a password as URLs and links do */
  private reject<T>(name: string, expected: string, fallback: T, shown?: string): T {
    const got = shown === undefined ? "" : `, got ${JSON.stringify(shown)}`;
    this.problems.push(`${name} must be ${expected}${got}`);
    return fallback;
  }
}

const parsedJson = (text: string): Record<string, unknown> | undefined => {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null) ?? undefined;
  } catch {
    return undefined;
  }
};

const tableNames = (reader: Reader, prefix: string): TableNames => {
  const nameOf = (key: TableKey): string => reader.linked(TABLES[key].link, "name") ?? `${prefix}${key}`;
  return Object.fromEntries(TABLE_KEYS.map((key) => [key, nameOf(key)])) as Record<TableKey, string>;
};

/** A linked Redis, else the URL of a variable, else none. */
const redisSettings = (reader: Reader): RedisSettings | undefined => {
  const cluster = reader.oneOf("REDIS_CLUSTER", "false", ["true", "false"]) === "true";
  const commandTimeout = reader.integer("REDIS_TIMEOUT_MS", 100, { min: 1, max: 10_000 });
  const url = linkedRedisUrl(reader) ?? reader.url("REDIS_URL", ["redis:", "rediss:"]);
  return url === undefined ? undefined : { url, cluster, commandTimeout };
};

/** ElastiCache speaks TLS and asks for a password; the Redis that `sst dev` links on one's own machine has neither. */
const linkedRedisUrl = (reader: Reader): string | undefined => {
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
  const reader = new Reader(env);
  const ms = (name: string, fallback: number, max = 3_600_000) =>
    reader.integer(name, fallback, { min: 1, max });
  const config = {
    http: {
      port: reader.integer("PORT", 8080, { min: 0, max: 65_535 }),
      host: reader.text("HOST", "127.0.0.1"),
      corsOrigin: reader.origin("CORS_ORIGIN", "*"),
      /** What one request may take in all; handed down to every call it makes. */
      requestDeadline: ms("REQUEST_DEADLINE_MS", 10_000, 300_000),
      /** How long in-flight requests may go on after SIGTERM. Below the 30 s that ECS waits before SIGKILL. */
      drainDeadline: ms("DRAIN_DEADLINE_MS", 20_000, 120_000),
      /**
       * How long a process that is to stop goes on serving, while its health check already fails: what a load
       * balancer takes to notice. None is needed where targets are deregistered first, as ECS does.
       */
      drainNotice: reader.integer("DRAIN_NOTICE_MS", 0, { min: 0, max: 120_000 }),
    },
    dataDir: reader.text("DATA_DIR", ".data"),
    dynamodb: {
      endpoint: reader.url("DYNAMODB_ENDPOINT", ["http:", "https:"]),
      region: reader.text("AWS_REGION", "us-east-1"),
      /** One attempt's limit; a healthy call takes single milliseconds. */
      requestTimeout: ms("DYNAMODB_TIMEOUT_MS", 800, 60_000),
      maxAttempts: reader.integer("DYNAMODB_MAX_ATTEMPTS", 3, {
        min: 1,
        max: 10,
      }),
      tables: tableNames(reader, reader.text("TABLE_PREFIX", "stampede-")),
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
    payment: {
      /** Median latency of the simulated processor. */
      latency: reader.integer("PAYMENT_LATENCY_MS", 20, {
        min: 0,
        max: 60_000,
      }),
      timeout: ms("PAYMENT_TIMEOUT_MS", 2_000, 60_000),
      /** Age at which an order that still has no answer from the processor is cancelled. */
      settleLimit: ms("PAYMENT_SETTLE_LIMIT_MS", 15 * 60_000, 86_400_000),
    },
    recovery: {
      /** How often the local launcher runs the recovery handler. On AWS a schedule does. */
      interval: ms("RECOVERY_INTERVAL_MS", 2_000),
    },
    telemetry: {
      logLevel: reader.oneOf("LOG_LEVEL", "INFO", LOG_LEVELS),
      metricsInterval: ms("METRICS_INTERVAL_MS", 10_000),
      metricsNamespace: reader.text("METRICS_NAMESPACE", METRIC_NAMESPACE),
    },
    /** Whether faults may be injected at all. The local launcher turns it on. */
    faultsEnabled: reader.oneOf("FAULTS", "off", ["on", "off"]) === "on",
    /** Off, nothing but timeouts stands between a request and a dependency: to measure what the rest is worth. */
    resilienceEnabled: reader.oneOf("RESILIENCE", "on", ["on", "off"]) === "on",
    memoryLimitMb: reader.integer("MEMORY_LIMIT_MB", 1_536, {
      min: 64,
      max: 1_048_576,
    }),
  };
  if (reader.problems.length > 0) {
    throw new ConfigurationError(`Wrong settings in the environment:\n  ${reader.problems.join("\n  ")}`);
  }
  return config;
};
