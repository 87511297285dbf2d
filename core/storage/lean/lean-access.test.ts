import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { dynamodbClientSettings } from "../client-settings.ts";
import { openAccess } from "./lean-access.ts";

const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** Credentials that last an hour, numbered; `fails` while they cannot be had. */
const providing = () => {
  const provider = { given: 0, fails: false };
  const credentials = async () => {
    if (provider.fails) throw new Error("The provider is away");
    provider.given += 1;
    const expiration = new Date(Date.now() + 60 * MINUTE);
    return { accessKeyId: `KEY-${provider.given}`, secretAccessKey: "secret", expiration };
  };
  return { provider, access: openAccess(new DynamoDBClient({ region: "eu-central-1", credentials })) };
};
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test("is fetched once for all that wait for it", async () => {
  const { provider, access } = providing();
  expect(access.now()).toBeUndefined();
  const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => access.fetch()));
  expect([provider.given, new Set(others).size, others[0] === first]).toEqual([1, 1, true]);
  expect(access.now()).toBe(first);
});

test("is renewed before it expires, while it goes on to be used", async () => {
  const { provider, access } = providing();
  const first = await access.fetch();
  vi.setSystemTime(54 * MINUTE);
  expect(access.now()).toBe(first);
  vi.setSystemTime(56 * MINUTE);
  expect([access.now(), access.now()]).toEqual([first, first]);
  await vi.waitFor(() => expect(access.now()?.credentials.accessKeyId).toBe("KEY-2"), 30_000);
  expect(provider.given).toBe(2);
});

test("that cannot be renewed is used to its end, and asked for again in between", async () => {
  const { provider, access } = providing();
  const first = await access.fetch();
  provider.fails = true;
  vi.setSystemTime(56 * MINUTE);
  expect(access.now()).toBe(first);
  await settled();
  vi.setSystemTime(61 * MINUTE);
  expect(access.now()).toBeUndefined();
  await expect(access.fetch()).rejects.toThrow("away");
  provider.fails = false;
  expect((await access.fetch()).credentials.accessKeyId).toBe("KEY-2");
});

test.for([
  [{}, "us-east-1", "https://dynamodb.us-east-1.amazonaws.com/"],
  [{}, "cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn/"],
  [{ AWS_USE_FIPS_ENDPOINT: "true" }, "us-west-2", "https://dynamodb-fips.us-west-2.amazonaws.com/"],
  [{ AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:8000" }, "us-east-1", "http://127.0.0.1:8000/"],
  [
    { AWS_ACCOUNT_ID: "111122223333", AWS_ACCOUNT_ID_ENDPOINT_MODE: "preferred" },
    "us-east-1",
    "https://111122223333.ddb.us-east-1.amazonaws.com/",
  ],
] as const)("goes where the SDK's rules say: %j in %s", async ([environment, region, url]) => {
  const keys = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };
  for (const [name, value] of Object.entries({ ...keys, ...environment })) vi.stubEnv(name, value);
  const client = new DynamoDBClient(dynamodbClientSettings({ endpoint: undefined, region }));
  const { endpoint, headers } = await openAccess(client).fetch();
  const { protocol, hostname, port, path } = endpoint;
  expect(`${protocol}//${hostname}${port ? `:${port}` : ""}${path}`).toBe(url);
  expect(headers.host).toBe(new URL(url).host);
});

test.for([
  ["http://127.0.0.1:8000", true],
  ["http://dynamodb.test", true],
  ["https://dynamodb.eu-central-1.amazonaws.com", false],
  ["https://dynamodb.cn-north-1.amazonaws.com.cn", false],
  ["https://dynamodb.eu-central-1.api.aws", false],
  ["https://dynamodb.amazonaws.com.example.org", true],
] as const)("%s gets made-up credentials: %s", ([endpoint, isMadeUp]) => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
  expect("credentials" in dynamodbClientSettings({ endpoint, region: "us-east-1" })).toBe(isMadeUp);
});
