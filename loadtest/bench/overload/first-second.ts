import type { Row } from "../benchmark.ts";
import { rounded } from "../rounding.ts";
import { startDefaultShop } from "../speed/speed-programs.ts";
import { addsToManyCarts, addsToOneCart, productReads, purchases, searches } from "./kinds.ts";
import { type OverloadStage, PRODUCTS, withShop } from "./overload-stage.ts";
import { askInLoops } from "./tally.ts";

const AT_ONCE = 200;

/** Requests that all come at once, as soon as a process calls itself healthy; a restart for each kind. */
export const measureFirstSecond = async ({ dir }: OverloadStage): Promise<Record<string, Row[]>> => {
  await withShop(dir, async () => undefined); // Makes the catalogue.
  const rows: Row[] = [];
  for (const kind of [addsToOneCart, addsToManyCarts, searches, productReads(PRODUCTS), purchases]) {
    const shop = await startDefaultShop(dir);
    try {
      const startedAt = performance.now();
      const tally = await askInLoops(shop.url, kind, AT_ONCE, (turns) => turns < AT_ONCE);
      rows.push({
        "at once": `${AT_ONCE} ${kind.name}`,
        "all answered after ms": Math.round(performance.now() - startedAt),
        "p50 ms": rounded(tally.median, 1),
        "p99 ms": rounded(tally.p99, 1),
        refused: tally.refused,
        failed: tally.failures.length,
      });
    } finally {
      await shop.stop();
    }
  }
  return { "in the first second after healthy": rows };
};
