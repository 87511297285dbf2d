import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { addToCart, getCart } from "../../core/cart/cart.ts";
import { readProduct } from "../../core/catalog/catalog.ts";
import { readConfig } from "../../core/config/config.ts";
import type { Shop } from "../../core/shop.ts";
import { chargeOf, stockedProduct } from "../../core/testing/fixtures.ts";
import { openShop } from "../../core/testing/open-shop.ts";
import { patientConfig } from "../../core/testing/patient-config.ts";
import { timeOf } from "../../core/testing/redis-cache.ts";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { startRedis } from "../../loadtest/harness/redis-process.ts";
import { startServer } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";

const TIMEOUT_MS = 250;
/** Timers may end a little early. */
const SLACK_MS = 5;

describeWithRedis("a fault injected through one process, met by the calls of another", () => {
  let url: string;
  let other: Shop;
  /** One that gives up soon. */
  let hasty: Shop;
  let product: number;
  beforeAll(async () => {
    const { url: redisUrl } = await startRedis();
    Object.assign(process.env, {
      REDIS_URL: redisUrl,
      REDIS_TIMEOUT_MS: "100",
      PAYMENT_TIMEOUT_MS: String(TIMEOUT_MS),
    });
    const server = startServer();
    url = server.url;
    other = openShop(patientConfig());
    hasty = openShop(readConfig({ ...process.env, DYNAMODB_TIMEOUT_MS: String(TIMEOUT_MS) }));
    endWithTests(async () => {
      await server.drain(1_000);
      for (const shop of [testShop(), other, hasty]) await shop.products.close();
    });
    product = await stockedProduct(other, 10);
    await addToCart(other, "ann", { product_id: product, quantity: 1 });
    await vi.waitUntil(
      () => [testShop(), other, hasty].every(({ products }) => products.isL2InUse()),
      30_000,
    );
  });

  const simulate = (service: string, body: object): Promise<void> =>
    // It is set here alone while a busy machine keeps Redis from its answer.
    vi.waitFor(async () => {
      const response = await fetch(`${url}/resilience/simulate/${service}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("everywhere")]);
    }, 30_000);
  const untilBroken = (service: "dynamodb" | "redis" | "payment", isBroken: boolean): Promise<void> =>
    vi.waitFor(
      () => {
        for (const { resilience } of [other, hasty])
          expect(resilience.faults.current(service) !== undefined).toBe(isBroken);
      },
      { timeout: 30_000, interval: 5 },
    );
  const breakIt = async (service: "dynamodb" | "redis" | "payment", settings: object): Promise<void> => {
    await simulate(service, { enable: true, ttl_secs: 30, ...settings });
    await untilBroken(service, true);
  };
  beforeEach(async () => {
    for (const service of ["dynamodb", "redis", "payment"] as const) {
      await simulate(service, { enable: false });
      await untilBroken(service, false);
      for (const { resilience } of [other, hasty]) resilience.circuits[service].reset();
    }
  });

  let charges = 0;
  const charge = async (key = `charge-${(charges += 1)}`) =>
    other.payment.charge(
      { idempotencyKey: key, amountCents: 500, paymentMethod: "pm_card_visa" },
      AbortSignal.timeout(5_000),
    );
  const calls = { dynamodb: () => getCart(other, "ann"), payment: () => charge() };

  test.for(["dynamodb", "payment"] as const)("latency: %s answers, later", async (service) => {
    await breakIt(service, { latency_ms: 120 });
    expect(await timeOf(calls[service])).toBeGreaterThanOrEqual(120 - SLACK_MS);
    await calls[service]();
  });

  test("hang: a call is given up after its timeout, and nothing was done", async () => {
    await breakIt("dynamodb", { kind: "hang" });
    const adding = () => addToCart(hasty, "ann", { product_id: product, quantity: 1 });
    expect(await timeOf(adding)).toBeGreaterThanOrEqual(TIMEOUT_MS - SLACK_MS);
    await expect(adding()).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
    await simulate("dynamodb", { enable: false });
    await untilBroken("dynamodb", false);
    other.resilience.circuits.dynamodb.reset();
    expect(await getCart(other, "ann")).toMatchObject({ items: [{ quantity: 1 }] });
  });

  test("hang: a payment without an answer is of unknown outcome, and was not made", async () => {
    await breakIt("payment", { kind: "hang" });
    const startedAt = performance.now();
    await expect(charge("hung")).rejects.toMatchObject({ name: "PaymentGatewayError" });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(TIMEOUT_MS - SLACK_MS);
    expect(await chargeOf(other, "hung")).toBeUndefined();
  });

  test("hang: products are read past a Redis that never answers", async () => {
    await other.products.cache.setMode("redis");
    const sourceOf = async () => (await readProduct(other, product)).reading.source;
    await vi.waitFor(async () => expect(await sourceOf()).toBe("redis"), 30_000);
    await breakIt("redis", { kind: "hang" });
    expect(await sourceOf()).toBe("database");
  });

  test.for(["throttle", "error"] as const)(
    "%s: fails at once, after as many attempts as are due",
    async (kind) => {
      await breakIt("dynamodb", { kind });
      const counted = vi.spyOn(other.metrics, "add");
      const adding = addToCart(other, "ann", { product_id: product, quantity: 1 });
      await expect(adding).rejects.toMatchObject({
        code: "STORAGE_UNAVAILABLE",
        cause: { name: "InjectedFaultError", kind },
      });
      const injected = counted.mock.calls.filter(([name]) => name === "FaultsInjected");
      expect(injected.length).toBe(other.config.dynamodb.maxAttempts);
      counted.mockRestore();
    },
  );

  test("mended through the one, the other makes its calls again", async () => {
    await breakIt("payment", { kind: "error" });
    await expect(charge()).rejects.toMatchObject({ reason: "unavailable" });
    await simulate("payment", { enable: false });
    await untilBroken("payment", false);
    expect(await charge()).toMatchObject({ outcome: "approved" });
  });

  test("only here: one process is cut off, the other stays whole; a reset names the fault that is left", async () => {
    const post = async (path: string, body?: object): Promise<string> => {
      const init = body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
      return (await fetch(`${url}/resilience/${path}`, { method: "POST", ...init })).text();
    };
    const own = () => testShop().resilience.faults.current("payment");
    expect(await post("simulate/payment", { enable: true, ttl_secs: 30, only_here: true })).toContain(
      "in this process",
    );
    expect(own()).toBeDefined();
    expect(await post("reset/all")).toContain("the fault injected into payment is still in place");
    // Messages arrive in order: once a later one is there, an earlier one would be.
    await breakIt("redis", {});
    expect(other.resilience.faults.current("payment")).toBeUndefined();
    await simulate("redis", { enable: false });
    await post("simulate/payment", { enable: false, only_here: true });
    expect(own()).toBeUndefined();
    expect(await post("reset/all")).not.toContain("still in place");
  });
});
