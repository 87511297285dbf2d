import { expect, test } from "vitest";
import { CIRCUIT_SETTINGS } from "../resilience/circuit.ts";
import { RETRY_SETTINGS } from "../resilience/retry.ts";
import { TABLE_KEYS, TABLES } from "../tables.ts";
import { readConfig } from "./config.ts";
import { ConfigurationError } from "./environment-reader.ts";

const problemsOf = (env: Record<string, string>): string => {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  return "none";
};

test("an empty environment gives the documented defaults", () => {
  expect(readConfig({})).toMatchObject({
    http: { port: 8080, host: "127.0.0.1", corsOrigin: undefined },
    dataDir: ".data",
    dynamodb: { endpoint: undefined },
    catalogSize: 100_000,
    telemetry: { logLevel: "INFO" },
  });
});

test("variables win over the defaults", () => {
  const env = { PORT: "0", HOST: "::1", CORS_ORIGIN: "https://shop.example", LOG_LEVEL: "WARN" };
  expect(readConfig({ ...env, DYNAMODB_ENDPOINT: "http://127.0.0.1:8000" })).toMatchObject({
    http: { port: 0, host: "::1", corsOrigin: "https://shop.example" },
    telemetry: { logLevel: "WARN" },
    dynamodb: { endpoint: "http://127.0.0.1:8000" },
  });
});

test("circuits and retries are set in words that people use", () => {
  const { circuit, retry } = readConfig({ CIRCUIT_FAILURES: "25", RETRY_BUDGET_PERCENT: "5" });
  expect(circuit).toEqual({ ...CIRCUIT_SETTINGS, failures: 25 });
  expect(retry).toEqual({ ...RETRY_SETTINGS, budgetRatio: 0.05 });
});

test("an empty variable counts as unset", () => {
  const names = ["PORT", "HOST", "CORS_ORIGIN", "LOG_LEVEL", "DYNAMODB_ENDPOINT", "TABLE_PREFIX"];
  const links = TABLE_KEYS.map((key) => `SST_RESOURCE_${TABLES[key].link}`);
  const env = Object.fromEntries([...names, ...links].map((name) => [name, ""]));
  expect(readConfig(env)).toEqual(readConfig({}));
});

const WRONG: [name: string, value: string][] = [
  ["PORT", "65536"],
  ["PORT", "-1"],
  ["PORT", "80.5"],
  ["PORT", "8e3"],
  ["PORT", "http"],
  ["PORT", " 80"],
  ["CORS_ORIGIN", "shop.example"],
  ["CORS_ORIGIN", "https://shop.example/"],
  ["CORS_ORIGIN", "https://shop.example\r\nx-injected: 1"],
  ["REQUEST_DEADLINE_MS", "0"],
  ["DRAIN_DEADLINE_MS", "10s"],
  ["DYNAMODB_ENDPOINT", "127.0.0.1:8000"],
  ["DYNAMODB_ENDPOINT", "ftp://127.0.0.1"],
  ["DYNAMODB_TIMEOUT_MS", "99999999999999999999"],
  ["DYNAMODB_MAX_ATTEMPTS", "0"],
  ["CATALOG_SIZE", "many"],
  ["RESILIENCE", "maybe"],
  ["CIRCUIT_FAILURES", "0"],
  ["CIRCUIT_SILENCE_MS", "0"],
  ["RETRY_BUDGET_PERCENT", "-1"],
  ["PAYMENT_LATENCY_MS", "-1"],
  ["PAYMENT_TIMEOUT_MS", "0"],
  ["PAYMENT_SETTLE_LIMIT_MS", "0"],
  ["PAYMENT_DEFERRED_LIMIT_MS", "86400001"],
  ["RECOVERY_INTERVAL_MS", "0"],
  ["LOG_LEVEL", "info"],
  ["METRICS_INTERVAL_MS", "0"],
  ["MEMORY_LIMIT_MB", "1"],
  ["SST_RESOURCE_Products", "stampede-products"],
  ["SST_RESOURCE_Products", "{"],
  ["SST_RESOURCE_Products", "null"],
  ["SST_RESOURCE_Products", "[]"],
  ["SST_RESOURCE_Products", '{"type":"sst.aws.Dynamo"}'],
  ["SST_RESOURCE_Products", '{"name":7}'],
  ["SST_RESOURCE_Products", '{"name":""}'],
];

test.each(WRONG)("%s=%j is refused by name", (name, value) => {
  expect(problemsOf({ [name]: value })).toMatch(
    new RegExp(`^Wrong settings in the environment:\n  ${name} must be [^\n]+$`),
  );
});

test("a URL or a link, which may hold a password, is not repeated", () => {
  const problems = problemsOf({
    DYNAMODB_ENDPOINT: "redis://user:hunter2@host",
    SST_RESOURCE_Products: '{"password":"hunter2"}',
  });
  expect(problems).toContain("DYNAMODB_ENDPOINT");
  expect(problems).toContain("SST_RESOURCE_Products");
  expect(problems).not.toContain("hunter2");
});

test("all that is wrong is said at once", () => {
  const problems = problemsOf({ PORT: "x", LOG_LEVEL: "y", CATALOG_SIZE: "z", SST_RESOURCE_Stock: "{" });
  for (const name of ["PORT", "LOG_LEVEL", "CATALOG_SIZE", "SST_RESOURCE_Stock"]) {
    expect(problems).toContain(`\n  ${name} must be `);
  }
});

test("tables are named by the prefix, and a linked resource wins over it", () => {
  const { tables } = readConfig({
    TABLE_PREFIX: "mine-",
    SST_RESOURCE_Carts: JSON.stringify({ name: "app-dev-CartsTable", type: "sst.aws.Dynamo" }),
  }).dynamodb;
  expect(tables).toMatchObject({ products: "mine-products", carts: "app-dev-CartsTable" });
  expect(Object.keys(tables)).toEqual(TABLE_KEYS);
});

test("a linked Redis: TLS with its password, or the one on the own machine, which has none", () => {
  const link = { host: "cache.example", port: 6380, username: "default", password: "p@ss:w/rd" };
  const urlOf = (change: object): string | undefined =>
    readConfig({
      REDIS_URL: "redis://elsewhere",
      SST_RESOURCE_Cache: JSON.stringify({ ...link, ...change }),
    }).redis?.url;
  expect(urlOf({})).toBe("rediss://default:p%40ss%3Aw%2Frd@cache.example:6380");
  expect(urlOf({ host: "localhost", password: "" })).toBe("redis://localhost:6380");
  expect(() => urlOf({ password: undefined })).toThrow("SST_RESOURCE_Cache must be");
});

test("whether a stage's tables are linked", () => {
  const link = (name: string) =>
    readConfig({ SST_RESOURCE_App: '{"stage":"alice"}', [name]: '{"name":"x"}' }).dynamodb.isLinked;
  expect(link("SST_RESOURCE_Orders")).toBe(true);
  expect(link("SST_RESOURCE_Api")).toBe(false);
});

test("reads DynamoDB's limits as rules and a scale, and names what there is not", () => {
  const limits = (env: Record<string, string>) => readConfig(env).dynamodb.limits;
  expect(limits({})).toEqual({ rules: [], scale: 1 });
  expect(limits({ DYNAMODB_LIMITS: "off" }).rules).toEqual([]);
  expect(limits({ DYNAMODB_LIMITS: "aws" }).rules).toEqual([
    "units",
    "partitions",
    "transactions",
    "latency",
    "indexes",
    "streams",
  ]);
  expect(limits({ DYNAMODB_LIMITS: "transactions, brown-out", DYNAMODB_SCALE: "0.1" })).toEqual({
    rules: ["transactions", "brown-out"],
    scale: 0.1,
  });
  expect(() => limits({ DYNAMODB_LIMITS: "aws,gravity" })).toThrow(/DYNAMODB_LIMITS .*"gravity"/);
  for (const scale of ["0", "-1", "much"]) {
    expect(() => limits({ DYNAMODB_SCALE: scale })).toThrow(new RegExp(`DYNAMODB_SCALE .*"${scale}"`));
  }
});
