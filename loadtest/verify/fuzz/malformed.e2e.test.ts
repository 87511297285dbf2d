import { beforeAll, expect, test } from "vitest";
import { NO_HURRY_TO_PAY } from "../../harness/no-hurry.ts";
import { launchShop, type Shop } from "../../harness/test-shops.ts";
import { MALFORMED, VICTIM } from "./malformed-http.ts";
import { exchange, statusesOf } from "./raw-socket.ts";

/** No more comes from a shop that has answered and says nothing for so long. */
const SILENCE_MS = 400;

let shop: Shop;
beforeAll(async () => {
  shop = await launchShop({ FAULTS: "off", ...NO_HURRY_TO_PAY });
});

/** HTTP's own parser answers 505 to a version that it does not speak, which bare line feeds are to it as well. */
const isRefusal = (status: number): boolean => (status >= 400 && status < 500) || status === 505;

test.for(MALFORMED)("$name", async ({ bytes, isAllowed }) => {
  const { text, isClosed } = await exchange(shop.url, bytes, SILENCE_MS);
  const statuses = statusesOf(text);
  if (isAllowed) expect(statuses.filter((status) => status >= 500)).toEqual([]);
  else expect(statuses.filter((status) => !isRefusal(status))).toEqual([]);
  // A request that is neither answered nor cut off would hold its connection for as long as it likes.
  expect(statuses.length > 0 || isClosed).toBe(true);
  expect(text).not.toMatch(/\bat .*:\d+|\.ts\b|node_modules/);
  const cart = await shop.client.get(`/cart/${VICTIM}`);
  expect([cart.status, cart.body.items]).toEqual([200, []]);
});

test("after all of them the shop is healthy and sells", async () => {
  expect((await shop.client.get("/health")).body.status).toBe("healthy");
  await shop.client.post("/cart/ann/items", { product_id: 1, quantity: 1 });
  expect((await shop.client.post("/cart/ann/checkout")).status).toBe(201);
  expect(shop.output()).not.toContain('"level":"ERROR"');
});
