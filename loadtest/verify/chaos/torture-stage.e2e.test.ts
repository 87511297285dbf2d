import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { detailsOf } from "../../harness/product-details.ts";
import { type Stage, setStage } from "./torture-stage.ts";

const PATIENCE_MS = 60_000;
const PRODUCT = 1;

let dir: string;
let stage: Stage;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "stampede-stage-"));
  stage = await setStage(dir, 1);
}, PATIENCE_MS);
afterAll(async () => {
  await stage.close();
  await rm(dir, { recursive: true, force: true });
});

const send = async (url: string, method: string, body: object): Promise<Record<string, unknown>> => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
  return answer.status === 204 ? {} : ((await answer.json()) as Record<string, unknown>);
};

let users = 0;

/** Shops with payment away until a checkout is answered as expected. */
const checkoutDuringOutage = async (expected: object): Promise<void> => {
  const { url } = await stage.open();
  const product = detailsOf(PRODUCT, { price: 10 });
  await vi.waitFor(async () => {
    await send(`${url}/products/${PRODUCT}/details`, "POST", product);
    expect(await send(`${url}/products/${PRODUCT}/stock`, "PUT", { available: 1_000 })).toMatchObject({
      product_id: PRODUCT,
    });
  }, PATIENCE_MS);
  await vi.waitFor(async () => {
    await send(`${url}/resilience/simulate/payment`, "POST", { enable: true, ttl_secs: 60 });
    const cart = `${url}/cart/user-${(users += 1)}`;
    await send(`${cart}/items`, "POST", { product_id: PRODUCT, quantity: 1 });
    expect(await send(`${cart}/checkout`, "POST", {})).toMatchObject(expected);
  }, PATIENCE_MS);
};

test(
  "every second life of the shop takes orders while payment is away",
  async () => {
    await checkoutDuringOutage({ error: "PAYMENT_UNAVAILABLE" });
    await stage.kill();
    await checkoutDuringOutage({ order: { status: "pending_payment" }, payment: { attempts: 0 } });
  },
  3 * PATIENCE_MS,
);

test("says how often DynamoDB's limits were met", async () => {
  const { resources, scale } = (await stage.limitsMet()) ?? {};
  expect(scale).toBe(0.1);
  expect(resources?.["stampede-orders"]).toMatchObject({
    throttled_reads: expect.any(Number),
    throttled_writes: expect.any(Number),
    conflicts: expect.any(Number),
  });
});
