import { expect, test, vi } from "vitest";
import { getCart } from "../cart/cart.ts";
import { readConfig } from "../config/config.ts";
import { captureLines } from "../testing/lines.ts";
import { openShop } from "../testing/open-shop.ts";
import type { ResilienceMode } from "./resilience.ts";

const REQUESTS = 40;

const brokenShop = (resilience: ResilienceMode) => {
  const shop = openShop({ ...readConfig(), resilience });
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

test("with RESILIENCE=off every request reaches the broken dependency, once", async () => {
  const shop = brokenShop("off");
  expect(await attemptsOf(shop)).toBe(REQUESTS);
  expect(shop.metrics.total("Retries")).toBe(0);
  const { circuits } = shop.resilience;
  expect(circuits.dynamodb.stats()).toMatchObject({ state: "closed", total_failures: REQUESTS });
});

test("with RESILIENCE=breakers nothing is retried, with RESILIENCE=retries no circuit opens", async () => {
  const breakers = brokenShop("breakers");
  await attemptsOf(breakers);
  expect(breakers.metrics.total("Retries")).toBe(0);
  await vi.waitFor(async () => {
    await getCart(breakers, "ann").catch(() => undefined);
    expect(breakers.resilience.circuits.dynamodb.state()).toBe("open");
  }, 10_000);
  breakers.resilience.circuits.dynamodb.reset();
  const retries = brokenShop("retries");
  expect(await attemptsOf(retries)).toBeGreaterThan(REQUESTS);
  expect(retries.resilience.circuits.dynamodb.state()).toBe("closed");
});

test("the log says so", () => {
  const lines = captureLines();
  const config = readConfig({ LOG_LEVEL: "WARN" });
  openShop(config);
  openShop({ ...config, resilience: "off" });
  expect(lines.map(({ message }) => message)).toEqual([
    "RESILIENCE is off: no circuit breakers, no retries, nothing is shed",
  ]);
});
