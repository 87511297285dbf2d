import { expect, test } from "vitest";
import { readSettings, SettingsError } from "./settings.ts";

const problemsOf = (
  stage: string,
  env: Record<string, string> = {},
  kept: Record<string, string> = {},
): string => {
  try {
    readSettings(stage, env, kept);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as Error).message;
  }
  return "none";
};

test("without settings: a container, one Redis, no domain, open to all", () => {
  expect(readSettings("alice", {})).toEqual({
    kind: "personal",
    api: "container",
    redis: "single",
    redisEngine: "redis",
    allowFrom: ["0.0.0.0/0"],
    tasks: { min: 1, max: 4 },
    canary: false,
  });
});

test("production needs somebody to have decided on its domain and on those who may reach it", () => {
  const message = problemsOf("production");
  expect(message).toContain("production needs STAMPEDE_DOMAIN: its domain name, or none to serve plain HTTP");
  expect(message).toContain(
    "production needs STAMPEDE_ALLOW_FROM: the networks that may reach it, or 0.0.0.0/0",
  );
  expect(problemsOf("production", { STAMPEDE_API: "functions" })).not.toContain("STAMPEDE_ALLOW_FROM");
  const decided = { STAMPEDE_DOMAIN: "none", STAMPEDE_ALLOW_FROM: "0.0.0.0/0" };
  expect(readSettings("production", decided)).toEqual({
    kind: "production",
    api: "container",
    redis: "single",
    redisEngine: "redis",
    allowFrom: ["0.0.0.0/0"],
    tasks: { min: 2, max: 16 },
    canary: true,
    backupDays: 35,
  });
});

test("settings kept with the stage count on every machine, and none may contradict them", () => {
  const kept = { STAMPEDE_DOMAIN: "none", STAMPEDE_ALLOW_FROM: "203.0.113.7/32" };
  expect(readSettings("production", {}, kept).allowFrom).toEqual(["203.0.113.7/32"]);
  expect(readSettings("production", { STAMPEDE_ALLOW_FROM: "203.0.113.7/32" }, kept).kind).toBe("production");
  expect(problemsOf("production", { STAMPEDE_ALLOW_FROM: "0.0.0.0/0" }, kept)).toContain(
    'STAMPEDE_ALLOW_FROM is "0.0.0.0/0" here, and "203.0.113.7/32" in the stage\'s parameters',
  );
  expect(problemsOf("alice", {}, { STAMPEDE_ALLOW_FORM: "x" })).toContain(
    "STAMPEDE_ALLOW_FORM is not a setting",
  );
});

test("settings are taken over; an empty one is none", () => {
  const env = {
    STAMPEDE_API: "container",
    STAMPEDE_REDIS: "cluster",
    REDIS_CLUSTER: "true",
    STAMPEDE_DOMAIN: "shop.example.com",
    STAMPEDE_HOSTED_ZONE: "Z0123456789ABC",
    STAMPEDE_ALARM_EMAIL: "",
    STAMPEDE_ALLOW_FROM: "203.0.113.7/32, 198.51.100.0/24",
  };
  expect(readSettings("pr-17", env)).toEqual({
    kind: "personal",
    api: "container",
    redis: "cluster",
    redisEngine: "redis",
    domain: { name: "shop.example.com", zone: "Z0123456789ABC" },
    allowFrom: ["203.0.113.7/32", "198.51.100.0/24"],
    tasks: { min: 1, max: 4 },
    canary: false,
  });
});

test("a canary calls production where it can reach it", () => {
  const closed = { STAMPEDE_DOMAIN: "none", STAMPEDE_ALLOW_FROM: "203.0.113.7/32" };
  expect(readSettings("production", closed).canary).toBe(false);
  expect(problemsOf("production", { ...closed, STAMPEDE_CANARY: "on" })).toContain(
    "STAMPEDE_CANARY=on can't reach",
  );
  expect(readSettings("alice", { STAMPEDE_CANARY: "on" }).canary).toBe(true);
  expect(problemsOf("alice", { STAMPEDE_CANARY: "yes" })).toContain(
    'STAMPEDE_CANARY must be on or off, not "yes"',
  );
});

test.each(["alice", "a", "dev", "staging", "pr-17", "a123456789012345"])(
  "stage %s is a person's own",
  (stage) => {
    expect(readSettings(stage, {}).kind).toBe("personal");
  },
);

test.each([
  "prod",
  "prd",
  "Production",
  "PROD",
  "production2",
  "productoin",
  "live",
  "main",
  "master",
  "release",
])("stage %s could be taken for production, and is refused with the name that is", (stage) => {
  expect(problemsOf(stage)).toContain(
    `Stage "${stage}" is unknown: the production stage is called "production"`,
  );
});

test.each([
  "",
  "Alice",
  "1st",
  "-x",
  "a_b",
  "a.b",
  "alice ",
  "a1234567890123456",
  "alice-", // Would be followed by SST's own hyphen,
  "a--b", // and ElastiCache takes no two of them.
])("stage %j is refused with what a name may be", (stage) => {
  expect(problemsOf(stage)).toContain("at most 16 lower-case letters, digits and single hyphens");
});

const WRONG: [setting: Record<string, string>, message: string][] = [
  [{ STAMPEDE_API: "lambda" }, 'STAMPEDE_API must be container or functions, not "lambda"'],
  [{ STAMPEDE_REDIS: "on" }, 'STAMPEDE_REDIS must be single or cluster, not "on"'],
  [{ STAMPEDE_REDIS: "cluster", REDIS_CLUSTER: "false" }, "cluster does not fit REDIS_CLUSTER=false"],
  [{ REDIS_CLUSTER: "true" }, "STAMPEDE_REDIS=single does not fit REDIS_CLUSTER=true"],
  [{ STAMPEDE_API: "functions", STAMPEDE_TRACING: "5" }, "STAMPEDE_TRACING needs STAMPEDE_API=container"],
  [{ STAMPEDE_TRACING: "on" }, 'STAMPEDE_TRACING must be a whole number from 1 to 100, not "on"'],
  [
    { STAMPEDE_TRACING: "5", STAMPEDE_TRACING_LAYER: "aws-otel-collector" },
    'STAMPEDE_TRACING_LAYER must be the ARN of a version of a Lambda layer, not "aws-otel-collector"',
  ],
  [
    { STAMPEDE_TRACING_LAYER: "arn:aws:lambda:us-east-1:901920570463:layer:collector:1" },
    "STAMPEDE_TRACING_LAYER is set without STAMPEDE_TRACING",
  ],
  [{ STAMPEDE_DOMAIN: "shop.example.com" }, "STAMPEDE_DOMAIN is set without STAMPEDE_HOSTED_ZONE"],
  [{ STAMPEDE_HOSTED_ZONE: "Z0123456789ABC" }, "STAMPEDE_HOSTED_ZONE is set without STAMPEDE_DOMAIN"],
  [
    { STAMPEDE_DOMAIN: "none", STAMPEDE_HOSTED_ZONE: "Z0123456789ABC" },
    "STAMPEDE_HOSTED_ZONE is set without STAMPEDE_DOMAIN",
  ],
  [{ STAMPEDE_AUTH_ISSUER: "https://login.example/" }, "belong together: set all of them or none"],
  [
    { STAMPEDE_DOMAIN: "https://shop.example", STAMPEDE_HOSTED_ZONE: "Z0123456789ABC" },
    "must be a domain name",
  ],
  [
    { STAMPEDE_DOMAIN: "shop.example.com", STAMPEDE_HOSTED_ZONE: "example.com" },
    "must be the id of a Route 53",
  ],
  [{ STAMPEDE_ALARM_EMAIL: "oncall" }, 'STAMPEDE_ALARM_EMAIL must be an e-mail address, not "oncall"'],
  [{ STAMPEDE_ALLOW_FROM: "203.0.113.7" }, "must be networks such as 203.0.113.7/32"],
  ...["999.1.1.1/8", "203.0.113.7/33", "203.0.113.7/99", "1.2.3/8", "::1/128", "x", ","].map(
    (network): [Record<string, string>, string] => [
      { STAMPEDE_ALLOW_FROM: network },
      "STAMPEDE_ALLOW_FROM must be networks such as 203.0.113.7/32",
    ],
  ),
  [{ REDIS_CLUSTER: "maybe" }, 'REDIS_CLUSTER must be true or false, not "maybe"'],
  [
    { STAMPEDE_ALLOW_FORM: "203.0.113.7/32" },
    "STAMPEDE_ALLOW_FORM is not a setting. There are STAMPEDE_API, STAMPEDE_REDIS,",
  ],
  [{ STAMPEDE_API: "functions", STAMPEDE_ALLOW_FROM: "203.0.113.7/32" }, "needs STAMPEDE_API=container"],
];

test.each(WRONG)("%j is refused", (env, message) => {
  expect(problemsOf("alice", env)).toContain(message);
});

test("every network there is may be let in, and what other programs read is no mistake", () => {
  const networks = ["0.0.0.0/0", "10.0.0.0/8", "203.0.113.7/32", "255.255.255.255/9"];
  const env = {
    STAMPEDE_ALLOW_FROM: networks.join(","),
    STAMPEDE_ADMIN_TOKEN: "secret",
    STAMPEDE_ALLOW_FORM: "",
  };
  expect(readSettings("alice", env).allowFrom).toEqual(networks);
});

test("reports everything that is wrong at once", () => {
  const message = problemsOf("prod", { STAMPEDE_API: "x", STAMPEDE_REDIS: "y" });
  expect(message.split("\n")).toHaveLength(4);
});
