import { beforeEach, expect, test } from "vitest";
import { captureLines } from "../../core/testing/lines.ts";
import { startServer } from "../testing/http.ts";
import { bearer, requireCredentials } from "../testing/identities.ts";
import { testShop } from "../testing/test-shop.ts";

/** Nothing listens there. */
process.env.AUTH_JWKS = "http://127.0.0.1:1/jwks";
requireCredentials();
Object.assign(process.env, { RATE_LIMIT_FAILURES_PER_MINUTE: "6", LOG_LEVEL: "INFO" });
const { url } = startServer();
const shop = testShop();

let lines: Record<string, unknown>[];
beforeEach(() => {
  lines = captureLines();
});

test("an issuer's outage is a 503 with the time to come back, and no failure of the client", async () => {
  const headers = await bearer();
  for (let at = 0; at < 10; at++) {
    const response = await fetch(`${url}/cart/alice`, { headers });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(1);
    expect(response.headers.has("www-authenticate")).toBe(false);
    expect(await response.json()).toMatchObject({ error: "ISSUER_UNAVAILABLE", retryable: true });
  }
  shop.accessLog.flush();
  expect(lines.filter(({ status }) => status === 503)).toHaveLength(10);
  expect(JSON.stringify(lines)).not.toMatch(/\bat .*:\d+|\.ts\b/);
  // Had the failures counted, this would be a 429.
  expect((await fetch(`${url}/cart/alice`, { headers: { authorization: "Bearer" } })).status).toBe(401);
});

test("nobody else notices", async () => {
  expect((await fetch(`${url}/products`)).status).toBe(200);
});
