import { beforeEach, expect, test } from "vitest";
import { captureLines } from "../../core/testing/lines.ts";
import { openTokenIssuer } from "../../core/testing/token-issuer.ts";
import { leastOf } from "../../loadtest/harness/least-of.ts";
import { bareEndpoint, startServer } from "../testing/http.ts";
import { API_KEYS, bearer, issuer, requireCredentials } from "../testing/identities.ts";
import { testShop } from "../testing/test-shop.ts";

requireCredentials();
process.env.LOG_LEVEL = "INFO";
process.env.RATE_LIMITS = "off";
const { url } = startServer();
const shop = testShop();
const stranger = await openTokenIssuer();
const good = await issuer.sign();
const now = Math.floor(Date.now() / 1_000);

let lines: Record<string, unknown>[];
beforeEach(() => {
  lines = captureLines();
});

const BAD: readonly [what: string, headers: Record<string, string>][] = [
  ["an expired token", await bearer({ exp: now - 60 })],
  ["a token that is not valid yet", await bearer({ nbf: now + 60 })],
  ["a token of another issuer", await bearer({ iss: "https://elsewhere.example" })],
  ["a token for another audience", await bearer({ aud: "elsewhere" })],
  ["a token of an unknown key", { authorization: `Bearer ${await stranger.sign()}` }],
  ["two tokens", { authorization: `Bearer ${good}, Bearer ${good}` }],
  ["a token and a key", { authorization: `Bearer ${good}`, "x-api-key": API_KEYS.admin }],
  ["a password", { authorization: "Basic AAAA" }],
  ["no token after Bearer", { authorization: "Bearer" }],
  ["an unknown key", { "x-api-key": "guessed" }],
  ["a forged cart token", { "x-cart-token": "guest-AAAAAAAAAAAAAAAAAAAAAA.zzzzzz.AAAA" }],
];

test.each(["/cart/alice", "/stats", "/products/1", "/docs", "/nowhere"])(
  "bad credentials are 401 at %s, with one log line and no stack",
  async (path) => {
    for (const [what, headers] of BAD) {
      lines.length = 0;
      const response = await fetch(url + path, { headers });
      const text = await response.text();
      expect(response.status, what).toBe(401);
      expect(response.headers.get("www-authenticate"), what).toMatch(
        /^Bearer realm="stampede", error="invalid_token", error_description="[a-z ]+"$/,
      );
      expect(JSON.parse(text)).toMatchObject({ error: "UNAUTHENTICATED", retryable: false });
      shop.accessLog.flush();
      expect(lines, what).toMatchObject([{ level: "INFO", status: 401, code: "UNAUTHENTICATED" }]);
      const said = JSON.stringify(lines) + text;
      expect(said).not.toMatch(/\bat .*:\d+|\.ts\b|Error:/);
      for (const secret of Object.values(headers)) expect(said).not.toContain(secret);
    }
  },
);

test("a 16 KiB token is refused before anything is verified", async () => {
  // The process has other threads, which work as well.
  const cost = leastOf(1_000_000, async () => {
    const before = process.cpuUsage().user;
    const response = await fetch(`${url}/cart/alice`, {
      headers: { authorization: `Bearer ${"a".repeat(12_000)}` },
    });
    expect(response.status).toBe(401);
    return process.cpuUsage().user - before;
  });
  expect(await cost).toBeLessThan(1_000_000);
  const huge = await fetch(`${url}/cart/alice`, {
    headers: { authorization: `Bearer ${"a".repeat(16_384)}` },
  });
  expect([401, 431]).toContain(huge.status);
});

test("a defect behind the check of a new token has the shape of every failure", async () => {
  const broken = bareEndpoint("GET", "/broken", () => {
    throw new Error("a defect");
  });
  const server = startServer([broken], {}, () => shop);
  const response = await fetch(`${server.url}/broken`, { headers: await bearer({ jti: "new" }) });
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({ error: "INTERNAL_ERROR" });
});

test("the load balancer's probe needs no credentials, and bad ones do not make it fail", async () => {
  for (const headers of [{}, { "x-api-key": "guessed" }, { authorization: "Bearer a.b.c" }]) {
    expect((await fetch(`${url}/health`, { headers: headers as Record<string, string> })).status).toBe(200);
  }
});

test("a browser's outdated cookie does not keep it from looking at products", async () => {
  const headers = { cookie: "__Host-cart=guest-AAAAAAAAAAAAAAAAAAAAAA.zzzzzz.AAAA" };
  expect((await fetch(`${url}/products`, { headers })).status).toBe(200);
});
