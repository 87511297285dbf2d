import { beforeAll, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { startRedis } from "../../loadtest/harness/redis-process.ts";
import type { Shop } from "../shop.ts";
import { openShop } from "../testing/open-shop.ts";
import { patientConfig } from "../testing/patient-config.ts";

describeWithRedis("a circuit that opens in one process", () => {
  let one: Shop;
  let other: Shop;
  /** A process to which a pause of ten seconds is not long: no busy machine makes it believe the others. */
  let calm: Shop;
  beforeAll(async () => {
    const { url } = await startRedis();
    const config = patientConfig({ ...process.env, REDIS_URL: url });
    [one, other] = [openShop(config), openShop(config)];
    calm = openShop({ ...config, circuit: { ...config.circuit, silence: 20_000 } });
    for (const shop of [one, other, calm]) {
      endWithTests(() => shop.products.close());
      await vi.waitUntil(() => shop.products.isL2InUse(), 20_000);
    }
  });

  const charge = async (shop: Shop): Promise<string> => {
    const request = { idempotencyKey: crypto.randomUUID(), amountCents: 500, paymentMethod: "pm_card_visa" };
    return shop.payment.charge(request, AbortSignal.timeout(5_000)).then(
      ({ outcome }) => outcome,
      ({ reason }: { reason: string }) => reason,
    );
  };
  const breakPayment = (shop: Shop, isBroken: boolean): void =>
    shop.resilience.faults.set(
      "payment",
      isBroken ? { failureRate: 1, latencyMs: 0, kind: "error", expiresAt: Date.now() + 60_000 } : undefined,
    );
  const stateOf = (shop: Shop) => shop.resilience.circuits.payment.state();
  const openOne = async (): Promise<void> => {
    while (stateOf(one) !== "open") await charge(one);
  };

  test("is believed by another without recent news of the dependency, at no cost of a call", async () => {
    breakPayment(one, true);
    breakPayment(other, true);
    await openOne();
    await vi.waitFor(() => expect(stateOf(other)).toBe("open"), { timeout: 30_000, interval: 5 });
    expect(other.resilience.circuits.payment.stats()).toMatchObject({ total_requests: 0 });
    breakPayment(one, false);
    breakPayment(other, false);
    await vi.waitFor(() => expect([stateOf(one), stateOf(other)]).toEqual(["closed", "closed"]), 30_000);
  });

  test("is believed no longer than until the other's own probe, when only the first is cut off", async () => {
    breakPayment(one, true);
    await openOne();
    await vi.waitFor(() => expect(stateOf(other)).toBe("closed"), 30_000);
    expect(await charge(other)).toBe("approved");
    expect(stateOf(one)).toBe("open");
    breakPayment(one, false);
    await vi.waitFor(() => expect(stateOf(one)).toBe("closed"), 30_000);
  });

  test("is not believed by another that is well served", async () => {
    const changes: string[] = [];
    calm.resilience.onCircuit((service, state) => changes.push(`${service} ${state}`));
    let isOver = false;
    const selling = (async () => {
      while (!isOver) await charge(calm);
    })();
    breakPayment(one, true);
    await openOne();
    // Once what is said on the bus afterwards has been heard, this has been as well.
    const heard = Promise.withResolvers<void>();
    calm.products.bus.onMessage((message) => {
      if (message.type === "pin") heard.resolve();
    });
    await one.products.bus.publish({ type: "pin", key: 1, until: Date.now() });
    await heard.promise;
    isOver = true;
    await selling;
    expect(changes).toEqual([]);
    breakPayment(one, false);
  });
});
