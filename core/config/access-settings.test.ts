import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { openTokenIssuer } from "../testing/token-issuer.ts";
import { readConfig } from "./config.ts";

const accessOf = (env: Record<string, string>) => readConfig(env).access;

afterEach(() => vi.unstubAllEnvs());

test.each(["127.0.0.1", "127.1.2.3", "localhost", "::1"])("is open on %s unless told otherwise", (HOST) => {
  expect(accessOf({ HOST }).mode).toBe("open");
  expect(accessOf({ HOST, AUTH: "jwt" }).mode).toBe("jwt");
});

test.each(["0.0.0.0", "::", "192.168.0.7", "shop.example", "localhost.example", "127.0.0.1.example"])(
  "refuses to be open on %s",
  (HOST) => {
    expect(accessOf({ HOST }).mode).toBe("jwt");
    expect(() => accessOf({ HOST, AUTH: "open" })).toThrow("AUTH must be jwt beyond loopback");
  },
);

test("refuses to be open in the production stage and on Lambda", () => {
  const stage = (name: string) => ({ SST_RESOURCE_App: JSON.stringify({ name: "stampede", stage: name }) });
  expect(accessOf(stage("alice")).mode).toBe("open");
  expect(() => accessOf(stage("production"))).toThrow("AUTH must be jwt");
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "stampede");
  expect(accessOf({}).mode).toBe("jwt");
  expect(() => accessOf({ AUTH: "open" })).toThrow("AUTH must be jwt");
});

test("takes an issuer's keys inline or by a URL that nobody can change on its way", async () => {
  const { keySet } = await openTokenIssuer();
  expect(accessOf({ AUTH_JWKS: JSON.stringify(keySet) }).keySet).toEqual(keySet);
  for (const url of ["https://login.example/jwks", "http://127.0.0.1:8090/jwks"]) {
    expect(accessOf({ AUTH_JWKS: url }).keySet).toEqual(new URL(url));
  }
  const privateKey = { kty: "EC", crv: "P-256", x: "a", y: "b", d: "c" };
  for (const bad of [
    "http://login.example/jwks",
    "ftp://login.example/jwks",
    "login.example",
    '{"keys":[]}',
    JSON.stringify({ keys: [privateKey] }),
    '{"keys":[{"kty":"oct","k":"AAAA"}]}',
  ]) {
    expect(() => accessOf({ AUTH_JWKS: bad }), bad).toThrow("AUTH_JWKS must be an https URL");
  }
});

test("secrets are read from variables or a link, must not be short, and are never repeated", () => {
  const secret = "s".repeat(32);
  const hash = createHash("sha256").update("key").digest("hex");
  expect(accessOf({ AUTH_CART_SECRET: `${secret}, ${secret}2` }).cartSecrets).toEqual([secret, `${secret}2`]);
  const link = JSON.stringify({ cartSecret: secret, apiKeys: `feed::${hash}` });
  expect(accessOf({ SST_RESOURCE_Access: link, AUTH_CART_SECRET: "x".repeat(32) })).toMatchObject({
    cartSecrets: [secret],
    apiKeys: [{ name: "feed", scopes: [] }],
  });
  const empty = JSON.stringify({ cartSecret: "", apiKeys: "" });
  expect(accessOf({ SST_RESOURCE_Access: empty })).toMatchObject({ cartSecrets: [], apiKeys: [] });
  for (const name of ["AUTH_CART_SECRET", "AUTH_API_KEYS"]) {
    let message = "";
    try {
      accessOf({ [name]: "secret-value" });
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(`${name} must be`);
    expect(message).not.toContain("secret-value");
  }
});
