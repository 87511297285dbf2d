import { detailsOf } from "../../harness/product-details.ts";
import type { Answer } from "../../harness/shop-client.ts";
import type { Shop } from "../../harness/test-shops.ts";
import type { Read, Write } from "./staleness.ts";

export interface HammerOptions {
  /** The processes, by name. */
  readonly shops: Readonly<Record<string, Shop>>;
  readonly products: readonly number[];
  readonly writesPerProduct: number;
  /** Milliseconds between two writes of one product at the most. */
  readonly pause: number;
}

/** Milliseconds after which a refused client comes again. */
const REFUSED_PAUSE_MS = 50;

interface Named {
  readonly name: string;
  readonly client: Shop["client"];
}

/** Readers of each process; each asks as soon as it has its answer. */
const READERS = 3;

/** Every reader looks at one product for so many reads, so that a write is followed closely. */
const READS_IN_A_ROW = 4;

/**
 * Writes products one after the other at either process, while others read them at both, and notes who saw
 * what when.
 */
export const hammer = async ({ shops, products, writesPerProduct, pause }: HammerOptions) => {
  const processes: Named[] = Object.entries(shops).map(([name, { client }]) => ({ name, client }));
  const writes: Write[] = [];
  const reads: Read[] = [];
  let isWriting = true;

  /** The answer, once the process has room for the question; what it refuses it has not looked at. */
  const admitted = async (ask: () => Promise<Answer>): Promise<Answer> => {
    for (;;) {
      const answer = await ask();
      if (answer.status !== 503 || answer.body.error !== "OVERLOADED") return answer;
      await Bun.sleep(Math.random() * REFUSED_PAUSE_MS);
    }
  };

  const readOnce = async ({ name, client }: Named, product: number): Promise<void> => {
    let started = 0;
    const { status, body } = await admitted(() => {
      started = performance.now();
      return client.get(`/products/${product}`);
    });
    if (status !== 200) throw new Error(`A read was answered ${status}`);
    reads.push({ process: name, product, version: body.version, started, ended: performance.now() });
  };

  const reader = async (shop: Named): Promise<void> => {
    while (isWriting) {
      const product = products[Math.floor(Math.random() * products.length)] ?? 0;
      for (let i = 0; i < READS_IN_A_ROW; i++) await readOnce(shop, product);
    }
  };

  const writer = async (product: number): Promise<void> => {
    await Promise.all(processes.map((shop) => readOnce(shop, product)));
    let version = reads.find((read) => read.product === product)?.version ?? 0;
    for (let i = 0; i < writesPerProduct; i++) {
      await Bun.sleep(Math.random() * pause);
      const shop = processes[Math.floor(Math.random() * processes.length)];
      const details = detailsOf(product, { name: `Edition ${version + 1}` });
      const answer =
        shop && (await admitted(() => shop.client.post(`/products/${product}/details`, details)));
      if (answer?.status !== 204) throw new Error(`A write was answered ${answer?.status}`);
      // Nobody else writes this product, so its versions are known without asking.
      version += 1;
      writes.push({ product, version, acknowledged: performance.now() });
      // At the most telling moment, at every process.
      await Promise.all(processes.map((process) => readOnce(process, product)));
    }
  };

  const reading = processes.flatMap((shop) => Array.from({ length: READERS }, () => reader(shop)));
  try {
    await Promise.all(products.map(writer));
    // The last writes are followed as well.
    await Bun.sleep(200);
  } finally {
    isWriting = false;
    await Promise.all(reading);
  }
  return { writes, reads };
};
