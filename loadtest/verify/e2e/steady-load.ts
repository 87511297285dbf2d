import type { Shop } from "../../harness/test-shops.ts";

export interface LoadFigures {
  /** Answers other than 200, and none at all. */
  readonly failures: string[];
  /** Milliseconds each request took, as its client saw it. */
  readonly latencies: number[];
  /** The longest that the load itself was kept from its processor, in milliseconds: as long may others have been. */
  readonly lateness: number;
}

const TICK_MS = 5;

/** Reads products at a steady rate, whether or not earlier answers are there, until it is stopped. */
export const startLoad = (shops: readonly Shop[], products: readonly number[], perSecond: number) => {
  const failures: string[] = [];
  const latencies: number[] = [];
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  let sent = 0;
  let lateness = 0;
  let lastTick = startedAt;

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
      await Promise.all(underWay);
      return { failures, latencies, lateness };
    },
  };
};
