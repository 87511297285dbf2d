import { beforeAll, beforeEach, expect, test } from "vitest";
import { putProduct } from "../../core/catalog/catalog.ts";
import { DomainError } from "../../core/errors.ts";
import { captureLines } from "../../core/testing/lines.ts";
import { startServer } from "../testing/http.ts";
import { API_KEYS, bearer, requireCredentials } from "../testing/identities.ts";
import { testShop } from "../testing/test-shop.ts";
import { audited } from "./audit.ts";

requireCredentials();
process.env.RATE_LIMITS = "off";
const { url } = startServer();
const details = { product_id: 9, sku: "S", manufacturer: "M", category_id: 1, weight: 1, some_other_id: 1 };

let lines: Record<string, unknown>[];
beforeAll(() => putProduct(testShop(), { ...details, price: 5 }));
beforeEach(() => {
  lines = captureLines();
});

const send = async (method: string, path: string, body: unknown, headers?: Record<string, string>) => {
  const { status } = await fetch(url + path, {
    method,
    headers: {
      "content-type": "application/json",
      "x-request-id": "chosen-by-the-caller",
      ...(headers ?? (await bearer({ sub: "root", scope: "admin" }))),
    },
    body: JSON.stringify(body),
  });
  return status;
};

const trail = () => lines.filter(({ message }) => message === "audit");

test.each([
  ["PUT", "/cache", { mode: "redis" }, "cache.switch", { mode: "tiered" }, { mode: "redis" }],
  ["PUT", "/products/9/stock", { available: 7 }, "stock.set", { available: 0 }, { available: 7 }],
  ["POST", "/products/9/details", { ...details, price: 6 }, "product.put", { price: 5 }, { price: 6 }],
  ["POST", "/products/9/hot", {}, "product.pin", { is_pinned: false }, { is_pinned: true }],
  ["POST", "/resilience/simulate/redis", { enable: true }, "fault.set", null, { failureRate: 1 }],
  ["POST", "/resilience/reset/redis", {}, "circuit.reset", expect.any(Array), ["closed"]],
])(
  "%s %s leaves actor, action and both states in the trail",
  async (method, path, body, action, before, after) => {
    expect(await send(method, path, body)).toBeLessThan(300);
    expect(trail()).toMatchObject([{ actor: "user:root", action, before, after }]);
    expect(JSON.stringify(trail())).not.toContain("chosen-by-the-caller");
    expect(trail()[0]?.audit_id).toMatch(/^[0-9a-f-]{36}$/);
  },
);

test("a machine is named by its key's name, never by the key", async () => {
  await send("PUT", "/cache", { mode: "tiered" }, { "x-api-key": API_KEYS.admin });
  expect(trail()).toMatchObject([{ actor: "machine:admin" }]);
  expect(JSON.stringify(lines)).not.toContain(API_KEYS.admin);
});

test("an action is in the trail as done, though its outcome can't be read", async () => {
  const done = await audited(
    testShop(),
    {
      action: "test",
      target: "a broken look",
      look: () => {
        throw new Error("not to be read");
      },
    },
    async () => "done",
  );
  expect(done).toBe("done");
  const unknown = { unknown: "INTERNAL_ERROR" };
  expect(trail()).toMatchObject([{ action: "test", before: unknown, after: unknown }]);
  expect(trail()[0]).not.toHaveProperty("failed");
});

test("an action that fails is in the trail as failed, once", async () => {
  const failing = audited(testShop(), { action: "test", target: "x", look: () => 1 }, async () => {
    throw new DomainError("CACHE_UNAVAILABLE", "Redis does not answer");
  });
  await expect(failing).rejects.toThrow("Redis does not answer");
  expect(trail()).toMatchObject([{ action: "test", before: 1, failed: "CACHE_UNAVAILABLE" }]);
});

test("refused and invalid requests change nothing and leave nothing", async () => {
  expect(await send("PUT", "/cache", { mode: "off" }, await bearer())).toBe(403);
  expect(await send("PUT", "/cache", { mode: "fast" })).toBe(400);
  expect(trail()).toEqual([]);
});
