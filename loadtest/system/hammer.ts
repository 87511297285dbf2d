import type { Read, Write } from "./history.ts";
import { detailsOf, type Shop } from "./shops.ts";

export interface HammerOptions {
  /** The processes, by name. */
  readonly shops: Readonly<Record<string, Shop>>;
  readonly products: readonly number[];
  readonly writesPerProduct: number;
  /** Milliseconds between two writes of one product at the most. */
  readonly pause: number;
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
  const names = Object.keys(shops);
  const writes: Write[] = [];
  const reads: Read[] = [];
  const failures: string[] = [];
  let isWriting = true;

  const readOnce = async (process: string, product: number): Promise<void> => {
    const started = performance.now();
    const answer = await shops[process]?.client.get(`/products/${product}`).catch(String);
    if (typeof answer !== "object" || answer.status !== 200) {
      failures.push(`${process} ${product}: ${typeof answer === "object" ? answer.status : answer}`);
      return;
    }
    reads.push({ process, product, version: answer.body.version, started, ended: performance.now() });
  };

  const reader = async (process: string): Promise<void> => {
    while (isWriting) {
      const product = products[Math.floor(Math.random() * products.length)] ?? 0;
      for (let i = 0; i < READS_IN_A_ROW; i++) await readOnce(process, product);
    }
  };

  const writer = async (product: number): Promise<void> => {
    const first = await shops[names[0] ?? ""]?.client.get(`/products/${product}`);
    let version = Number(first?.body.version);
    for (let i = 0; i < writesPerProduct; i++) {
      await Bun.sleep(Math.random() * pause);
      const process = names[Math.floor(Math.random() * names.length)] ?? "";
      const answer = await shops[process]?.client.post(
        `/products/${product}/details`,
        detailsOf(product, { name: `Edition ${version + 1}` }),
      );
      if (answer?.status !== 204) throw new Error(`A write was answered ${answer?.status}`);
      // Nobody else writes this product, so its versions are known without asking.
      version += 1;
      writes.push({ product, version, acknowledged: performance.now() });
      // At the most telling moment, at every process.
      await Promise.all(names.map((name) => readOnce(name, product)));
    }
  };

  const reading = names.flatMap((name) => Array.from({ length: READERS }, () => reader(name)));
  try {
    await Promise.all(products.map(writer));
    // The last writes are followed as well.
    await Bun.sleep(200);
  } finally {
    isWriting = false;
    await Promise.all(reading);
  }
  return { writes, reads, failures };
};
