import { expect, test } from "vitest";
import { getCart } from "../cart/cart.ts";
import { readConfig } from "../config/config.ts";
import { openShop } from "../open-shop.ts";
import { captureLines } from "../testing/lines.ts";

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

test("with RESILIENCE=off every request reaches the broken dependency, once", async () => {
  expect(await attemptsOf(brokenShop(true))).toBeLessThan(REQUESTS / 2);
  const shop = brokenShop(false);
  expect(await attemptsOf(shop)).toBe(REQUESTS);
  expect(shop.metrics.total("Retries")).toBe(0);
  const { circuits } = shop.resilience;
  expect(circuits.dynamodb.stats()).toMatchObject({ state: "closed", total_failures: REQUESTS });
});

test("the log says so", () => {
  const lines = captureLines();
  const config = readConfig({ LOG_LEVEL: "WARN" });
  openShop(config);
  openShop({ ...config, resilienceEnabled: false });
  expect(lines.map(({ message }) => message)).toEqual([
    "RESILIENCE is off: no circuit breakers, no retries, nothing is shed",
  ]);
});
