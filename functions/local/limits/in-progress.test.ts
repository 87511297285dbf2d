import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, inject, test } from "vitest";
import { readConfig } from "../../../core/config/config.ts";
import { checkout } from "../../../core/order/checkout.ts";
import { listOrders } from "../../../core/order/order.ts";
import { getStock } from "../../../core/stock/stock.ts";
import { openTestShop, stockedProduct, userWithCart } from "../../../core/testing/fixtures.ts";
import { openShop } from "../../../core/testing/open-shop.ts";
import { openLimited } from "./testing.ts";

/** Longer than the shop waits for an attempt. */
const HELD_MS = 1_200;
const IN_PROGRESS = "TransactionInProgressException";

/** Passes requests on to an endpoint. */
const openRelay = (
  endpoint: string,
  around: (operation: string, send: () => Promise<string>) => Promise<string>,
): string => {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const body = await request.text();
      let status = 200;
      const text = await around(request.headers.get("x-amz-target") ?? "", async () => {
        const answer = await fetch(endpoint, { method: "POST", headers: request.headers, body });
        status = answer.status;
        return answer.text();
      });
      return new Response(text, { status, headers: { "content-type": "application/x-amz-json-1.0" } });
    },
  });
  afterAll(() => server.stop(true));
  return `http://127.0.0.1:${server.port}`;
};

test("a checkout whose transaction takes longer than an attempt waits for it, and orders once", async () => {
  let isSlow = false;
  let inProgress = 0;
  const engine = openRelay(inject("dynamodbEndpoint"), async (operation, send) => {
    const text = await send();
    if (isSlow && operation.endsWith("TransactWriteItems")) await sleep(HELD_MS);
    return text;
  });
  const layer = openLimited(["transactions"], { endpoint: engine });
  const endpoint = openRelay(layer.endpoint, async (_, send) => {
    const text = await send();
    if (text.includes(IN_PROGRESS)) inProgress += 1;
    return text;
  });
  const config = readConfig();
  const shop = openShop({ ...config, dynamodb: { ...config.dynamodb, endpoint, requestTimeout: 4_000 } });
  const patient = openTestShop();
  const id = await stockedProduct(patient, 5);
  const userId = await userWithCart(patient, [id, 2]);
  isSlow = true;
  const { order } = await checkout(shop, { userId, paymentMethod: "pm_card_visa" });
  isSlow = false;
  expect(inProgress).toBeGreaterThan(0);
  expect((await listOrders(shop, { user_id: userId, limit: 10 })).orders).toMatchObject([
    { order_id: order.order_id },
  ]);
  expect(await getStock(shop, id)).toMatchObject({ available: 3, reserved: 2 });
  expect(shop.resilience.circuits.dynamodb.state()).toBe("closed");
});
