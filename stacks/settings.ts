import { isIPv4 } from "node:net";

/** A deployment's settings, from its stage and its environment, checked before anything is created. */
type Environment = Readonly<Record<string, string | undefined>>;

export type StageKind = "personal" | "production";

export interface Settings {
  readonly kind: StageKind;
  /** Behind the load balancer, or a function an endpoint behind an HTTP API. */
  readonly api: "container" | "functions";
  readonly redis: "single" | "cluster";
  /** With the Route 53 zone that its records go to. */
  readonly domain?: { readonly name: string; readonly zone: string };
  /** The address that receives alarms. */
  readonly alarmEmail?: string;
  /** Networks that may reach the load balancer. */
  readonly allowFrom: readonly string[];
  /** The issuer of users' tokens. Absent: only machines with a key, and guests, are let in. */
  readonly identity?: Identity;
}

interface Identity {
  readonly issuer: string;
  readonly audience: string;
  /** URL of its public keys. */
  readonly keySet: string;
}

/** Thrown with every problem at once; nothing has been created then. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(problems: readonly string[]) {
    super(`This can't be deployed:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

export const PRODUCTION = "production";

export const SETTINGS = [
  "STAMPEDE_API",
  "STAMPEDE_REDIS",
  "STAMPEDE_DOMAIN",
  "STAMPEDE_HOSTED_ZONE",
  "STAMPEDE_ALARM_EMAIL",
  "STAMPEDE_ALLOW_FROM",
  "STAMPEDE_AUTH_ISSUER",
  "STAMPEDE_AUTH_AUDIENCE",
  "STAMPEDE_AUTH_JWKS",
] as const;

/** Of the same family, but for the experiments. */
const NOT_FOR_DEPLOYMENTS = ["STAMPEDE_ADMIN_TOKEN"];

/**
 * Sixteen characters: SST puts the stage into names, and cuts off what AWS has no room for, so that of a longer
 * one less and less could be seen. No hyphen beside another: SST puts one after the stage, and ElastiCache
 * refuses names with two in a row.
 */
const PERSONAL_STAGE = /^(?=.{1,16}$)[a-z](-?[a-z0-9])*$/;

/** Names that someone would take for the production stage, which has one name only. */
const LOOKS_LIKE_PRODUCTION = /^(prod.*|prd|live|main|master|release)$/i;

export const kindOf = (stage: string): StageKind => (stage === PRODUCTION ? "production" : "personal");

const stageProblems = (stage: string): string[] => {
  if (stage === PRODUCTION) return [];
  if (LOOKS_LIKE_PRODUCTION.test(stage)) {
    return [`Stage "${stage}" is unknown: the production stage is called "${PRODUCTION}"`];
  }
  if (PERSONAL_STAGE.test(stage)) return [];
  return [
    `Stage "${stage}" is unknown: use "${PRODUCTION}", or a name of your own of at most 16 lower-case letters, ` +
      "digits and single hyphens that starts with a letter and ends with none",
  ];
};

const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const ZONE = /^Z[A-Z0-9]{4,31}$/;
const HTTPS = /^https:\/\/[^\s/]+\/\S*$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Whether a text is a network of IPv4 in CIDR's notation. */
const isNetwork = (text: string): boolean => {
  const [, address = "", bits = ""] = /^([^/]+)\/(\d|[12]\d|3[0-2])$/.exec(text) ?? [];
  return isIPv4(address) && bits !== "";
};

/** A misspelt name would leave its setting at the default: STAMPEDE_ALLOW_FORM would open the shop to all. */
const unknownNames = (env: Environment): string[] => {
  const known: readonly string[] = [...SETTINGS, ...NOT_FOR_DEPLOYMENTS];
  return Object.keys(env).filter(
    (name) => name.startsWith("STAMPEDE_") && env[name]?.trim() && !known.includes(name),
  );
};

/**
 * Reads the settings of a deployment from `STAMPEDE_*` variables.
 *
 * @throws SettingsError naming everything that is wrong
 */
export const readSettings = (stage: string, env: Environment = process.env): Settings => {
  const problems = stageProblems(stage);
  for (const name of unknownNames(env)) {
    problems.push(`${name} is not a setting. There are ${SETTINGS.join(", ")}`);
  }
  const value = (name: string): string | undefined => env[name]?.trim() || undefined;
  const oneOf = <T extends string>(name: string, options: readonly [T, ...T[]]): T => {
    const given = value(name);
    const known = options.find((option) => option === given);
    if (given && !known) problems.push(`${name} must be ${options.join(" or ")}, not "${given}"`);
    return known ?? options[0];
  };
  const matching = (name: string, pattern: RegExp, what: string): string | undefined => {
    const given = value(name);
    if (given && !pattern.test(given)) problems.push(`${name} must be ${what}, not "${given}"`);
    return given;
  };

  const api = oneOf("STAMPEDE_API", ["container", "functions"]);
  const redis = oneOf("STAMPEDE_REDIS", ["single", "cluster"]);
  const client = value("REDIS_CLUSTER");
  if (client && client !== "true" && client !== "false") {
    problems.push(`REDIS_CLUSTER must be true or false, not "${client}"`);
  } else if (client && (client === "true") !== (redis === "cluster")) {
    problems.push(
      `STAMPEDE_REDIS=${redis} does not fit REDIS_CLUSTER=${client}: the client must be set for the Redis it ` +
        `talks to. Unset REDIS_CLUSTER, and it follows STAMPEDE_REDIS`,
    );
  }
  const name = matching("STAMPEDE_DOMAIN", DOMAIN, "a domain name such as shop.example.com");
  const zone = matching(
    "STAMPEDE_HOSTED_ZONE",
    ZONE,
    "the id of a Route 53 hosted zone, such as Z0123456789ABC",
  );
  if (name && !zone) {
    problems.push(
      "STAMPEDE_DOMAIN is set without STAMPEDE_HOSTED_ZONE: the id of the Route 53 zone is needed for its records " +
        "and its certificate",
    );
  }
  if (zone && !name) problems.push("STAMPEDE_HOSTED_ZONE is set without STAMPEDE_DOMAIN");
  const alarmEmail = matching("STAMPEDE_ALARM_EMAIL", EMAIL, "an e-mail address");
  const allowFrom = value("STAMPEDE_ALLOW_FROM")
    ?.split(",")
    .map((network) => network.trim()) ?? ["0.0.0.0/0"];
  for (const network of allowFrom) {
    if (isNetwork(network)) continue;
    problems.push(`STAMPEDE_ALLOW_FROM must be networks such as 203.0.113.7/32, not "${network}"`);
  }
  if (api === "functions" && value("STAMPEDE_ALLOW_FROM")) {
    problems.push("STAMPEDE_ALLOW_FROM needs STAMPEDE_API=container: an HTTP API has no security group");
  }
  const issuer = value("STAMPEDE_AUTH_ISSUER");
  const audience = value("STAMPEDE_AUTH_AUDIENCE");
  const keySet = matching("STAMPEDE_AUTH_JWKS", HTTPS, "an https URL");
  const parts = [issuer, audience, keySet].filter(Boolean);
  if (parts.length === 1 || parts.length === 2) {
    problems.push(
      "STAMPEDE_AUTH_ISSUER, STAMPEDE_AUTH_AUDIENCE and STAMPEDE_AUTH_JWKS belong together: set all three or none",
    );
  }

  if (problems.length > 0) throw new SettingsError(problems);
  return {
    kind: kindOf(stage),
    api,
    redis,
    ...(name && zone && { domain: { name, zone } }),
    ...(alarmEmail && { alarmEmail }),
    allowFrom,
    ...(issuer && audience && keySet && { identity: { issuer, audience, keySet } }),
  };
};
