import { expect, test, vi } from "vitest";
import { NO_HURRY_TO_PAY } from "../../harness/no-hurry.ts";
import { detailsOf } from "../../harness/product-details.ts";
import { launchShop } from "../../harness/test-shops.ts";
import { openRecordingClient } from "../chaos/recording-client.ts";
import type { HistoryEvent } from "../checker/history.ts";
import { readState } from "../checker/state.ts";
import { judge, printVerdict } from "../checker/verdict.ts";

/** `FLASH_BUYERS=10000 npm test -- flash-sale` is the whole sale. */
const BUYERS = Number(process.env.FLASH_BUYERS ?? 300);
const PIECES = BUYERS / 10;
const AT_ONCE = 100;
const PRODUCT = 1;

test(`${BUYERS} buyers for ${PIECES} pieces: each piece is sold once, and everybody else hears so`, async () => {
  const shop = await launchShop({ LOG_LEVEL: "ERROR", ...NO_HURRY_TO_PAY });
  const history: HistoryEvent[] = [];
  const client = openRecordingClient({
    url: async () => shop.url,
    record: (event) => void history.push(event),
  });
  await shop.client.post(`/products/${PRODUCT}/details`, detailsOf(PRODUCT, { price: 49 }));
  await client.perform({ f: "set-stock", product: PRODUCT, available: PIECES, shards: 4 });

  const errors = new Map<string, number>();
  let sold = 0;
  let next = 0;
  const pause = () => Bun.sleep(100 + Math.random() * 400);
  const buy = async (user: string): Promise<void> => {
    while ((await client.perform({ f: "add", user, product: PRODUCT, quantity: 1 })).type !== "ok")
      await pause();
    const key = `flash-${user}`;
    for (;;) {
      const { type, error = "" } = await client.perform({
        f: "checkout",
        user,
        key,
        payment_method: "pm_card_visa",
      });
      if (type === "ok") sold += 1;
      else errors.set(error, (errors.get(error) ?? 0) + 1);
      if (type === "ok" || error === "OUT_OF_STOCK") return;
      await pause();
    }
  };
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < BUYERS) await buy(`buyer-${next++}`);
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;

  expect(sold).toBe(PIECES);
  expect(errors.get("OUT_OF_STOCK")).toBe(BUYERS - PIECES);
  await vi.waitFor(
    async () =>
      expect((await shop.client.get(`/products/${PRODUCT}/stock`)).body).toMatchObject({
        available: 0,
        reserved: 0,
        sold: PIECES,
      }),
    { timeout: 30_000, interval: 100 },
  );
  const verdict = judge(history, await readState(shop.services.engine.endpoint));
  console.info(
    `${BUYERS} buyers in ${seconds.toFixed(1)} s; ${JSON.stringify(Object.fromEntries(errors))}\n${printVerdict(verdict)}`,
  );
  expect(verdict.isOk).toBe(true);
}, 240_000);
