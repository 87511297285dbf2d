import { setTimeout as sleep } from "node:timers/promises";
import type { Shop } from "../../harness/test-shops.ts";

export interface LoadFigures {
  /** Answers other than 200, and none at all. */
  readonly failures: string[];
  /** Milliseconds each request took, as its client saw it. */
  readonly latencies: number[];
  /**
   * The longest that this process or one of the shops was kept from its processor, in milliseconds: by the ticks of the
   * load, and by health checks, which ask nothing of Redis or the database.
   */
  readonly lateness: number;
}

const TICK_MS = 5;
const CHECK_EVERY_MS = 50;

/** Reads products at a steady rate, whether or not earlier answers are there, until it is stopped. */
export const startLoad = (shops: readonly Shop[], products: readonly number[], perSecond: number) => {
  const failures: string[] = [];
  const latencies: number[] = [];
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  let sent = 0;
  let lateness = 0;
  let lastTick = startedAt;
  let isOver = false;

  const readOne = async (shop: Shop, product: number): Promise<void> => {
    const began = performance.now();
    try {
      const { status } = await shop.client.get(`/products/${product}`);
      if (status !== 200) failures.push(`${product}: ${status} after ${began - startedAt} ms`);
    } catch (error) {
      failures.push(`${product}: ${error}`);
    }
    latencies.push(performance.now() - began);
  };

  const checkOn = async ({ client }: Shop): Promise<void> => {
    while (!isOver) {
      const began = performance.now();
      await client.get("/health").catch(() => undefined);
      lateness = Math.max(lateness, performance.now() - began);
      await sleep(CHECK_EVERY_MS);
    }
  };
  const checks = shops.map(checkOn);

  const timer = setInterval(() => {
    lateness = Math.max(lateness, performance.now() - lastTick - TICK_MS);
    lastTick = performance.now();
    for (const due = ((performance.now() - startedAt) / 1_000) * perSecond; sent < due; sent++) {
      const shop = shops[sent % shops.length];
      const product = products[Math.floor(Math.random() * products.length)];
      if (!shop || product === undefined) continue;
      const reading = readOne(shop, product).finally(() => underWay.delete(reading));
      underWay.add(reading);
    }
  }, TICK_MS);

  return {
    stop: async (): Promise<LoadFigures> => {
      clearInterval(timer);
      isOver = true;
      await Promise.all([...underWay, ...checks]);
      return { failures, latencies, lateness };
    },
  };
};
