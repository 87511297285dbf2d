import { expect, test } from "vitest";
import { getCart } from "../cart/cart.ts";
import { readConfig } from "../config.ts";
import { openShop } from "../shop.ts";
import { captureLines } from "../testing/lines.ts";
import { NO_QUEUE, openAdmissionQueue } from "./admission-queue.ts";
import { NO_LIMIT, openLimiter } from "./limiter.ts";

const REQUESTS = 40;

const brokenShop = (resilienceEnabled: boolean) => {
  const shop = openShop({ ...readConfig(), resilienceEnabled });
  const expiresAt = shop.now() + 60_000;
  shop.resilience.faults.set("dynamodb", { failureRate: 1, latencyMs: 0, kind: "error", expiresAt });
  return shop;
};

const attemptsOf = async (shop: ReturnType<typeof brokenShop>): Promise<number> => {
  for (let i = 0; i < REQUESTS; i++) {
    await expect(getCart(shop, "ann")).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  }
  return shop.metrics.total("FaultsInjected");
};

const LEAST = { name: "least", share: 0.5, guaranteed: 0 };

test("with RESILIENCE=off every request reaches the broken dependency, once", async () => {
  expect(await attemptsOf(brokenShop(true))).toBeLessThan(REQUESTS / 2);
  const shop = brokenShop(false);
  expect(await attemptsOf(shop)).toBe(REQUESTS);
  expect(shop.metrics.total("Retries")).toBe(0);
  const { circuits, limiter } = shop.resilience;
  expect(circuits.dynamodb.stats()).toMatchObject({ state: "closed", total_failures: REQUESTS });
  for (let i = 0; i < 100_000; i++) expect(limiter.admit(LEAST)).toBe(true);
});

test("with RESILIENCE=off nobody is refused for a lagging event loop, and nobody waits for a turn", () => {
  const clock = { now: 0 };
  const limiter = openLimiter(() => clock.now, NO_LIMIT);
  const queue = openAdmissionQueue(() => clock.now, NO_QUEUE);
  limiter.noteLoopDelay(10_000);
  for (let i = 0; i < 100; i++) {
    expect(limiter.admit(LEAST)).toBe(true);
    expect(queue.isOpen()).toBe(true);
    clock.now += 50;
  }
  expect(limiter.isCalm()).toBe(true);
});

test("the log says so", () => {
  const lines = captureLines();
  const config = readConfig({ LOG_LEVEL: "WARN" });
  openShop(config);
  openShop({ ...config, resilienceEnabled: false });
  expect(lines.map(({ message }) => message)).toEqual([
    "RESILIENCE is off: no circuit breakers, no retries, no limits",
  ]);
});
