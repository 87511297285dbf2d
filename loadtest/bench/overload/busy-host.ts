import type { Row } from "../benchmark.ts";
import { rounded } from "../rounding.ts";
import { startBusyLoops } from "./busy-loops.ts";
import { prepareKinds } from "./kinds.ts";
import { type OverloadStage, withShop } from "./overload-stage.ts";
import { askSteadily } from "./steady.ts";

const LOOPS = [0, 4];
const PER_SECOND = 20;
const SECONDS = 60;

/** A light load of all kinds of requests beside processes that use all the processors. */
export const measureBusyHost = ({ dir, seconds = SECONDS }: OverloadStage) =>
  withShop(dir, async ({ url }, products): Promise<Record<string, Row[]>> => {
    const kinds = await prepareKinds(url, products);
    const rows: Row[] = [];
    for (const count of LOOPS) {
      const loops = startBusyLoops(count);
      try {
        const tally = await askSteadily(url, kinds, PER_SECOND, seconds);
        rows.push({
          beside: count === 0 ? "baseline: nothing" : `${count} busy loops`,
          "asked/s": PER_SECOND,
          requests: tally.requests,
          "p50 ms": rounded(tally.median, 1),
          "p99 ms": rounded(tally.p99, 1),
          refused: tally.refused,
          failed: tally.failures.length,
        });
      } finally {
        await loops.stop();
      }
    }
    return { "a busy host": rows };
  });
