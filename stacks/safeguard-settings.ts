import type { SettingsReader } from "./settings-reader.ts";
import type { StageKind } from "./stage-name.ts";

export interface Waf {
  /** The action of the firewall on a request that a rule matches. */
  readonly mode: "count" | "block";
  /** Requests a minute that one address may send. */
  readonly rate: number;
}

/**
 * Twice the default of the shop's own RATE_LIMIT_PER_MINUTE, which also tells users behind one address apart: the firewall
 * keeps floods away from the tasks, and takes nobody for one who does as the shop's answers 429 ask.
 */
const RATE = 2_400;

/** AWS's bounds of a rate rule (AWS WAF API Reference, "RateBasedStatement"). */
const RATE_BOUNDS = { min: 10, max: 2_000_000_000 };

export const readWaf = (reader: SettingsReader, api: "container" | "functions"): Waf | undefined => {
  const mode = reader.oneOf("STAMPEDE_WAF", ["off", "count", "block"], "off");
  const rate = reader.wholeNumber("STAMPEDE_WAF_RATE", RATE_BOUNDS);
  if (mode === "off") {
    if (rate !== undefined) reader.report("STAMPEDE_WAF_RATE needs STAMPEDE_WAF=count or block");
    return undefined;
  }
  if (api === "functions") {
    reader.report("STAMPEDE_WAF needs STAMPEDE_API=container: AWS WAF protects no HTTP API");
  }
  return { mode, rate: rate ?? RATE };
};

export type RedisEngine = "redis" | "valkey";

export const readRedisEngine = (reader: SettingsReader, isShared: boolean): RedisEngine => {
  if (isShared && reader.value("STAMPEDE_REDIS_ENGINE")) {
    reader.report("STAMPEDE_REDIS_ENGINE can't change a shared Redis: unset it, or STAMPEDE_SHARED_REDIS");
  }
  return reader.oneOf("STAMPEDE_REDIS_ENGINE", ["redis", "valkey"], "redis");
};

/** DynamoDB's greatest (DynamoDB Developer Guide, "Point-in-time backups for DynamoDB"). */
const MOST_BACKUP_DAYS = 35;

/** Production has backups in any case. */
export const readBackupDays = (reader: SettingsReader, kind: StageKind): number | undefined =>
  reader.wholeNumber("STAMPEDE_BACKUPS", { min: 1, max: MOST_BACKUP_DAYS }) ??
  (kind === "production" ? MOST_BACKUP_DAYS : undefined);
