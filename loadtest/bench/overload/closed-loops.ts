import { clientOf } from "../../harness/shop-client.ts";
import type { Row } from "../benchmark.ts";
import { rounded } from "../rounding.ts";
import { prepareKinds } from "./kinds.ts";
import { type OverloadStage, withShop } from "./overload-stage.ts";
import { askInLoops } from "./tally.ts";

const MODES = ["off", "redis", "tiered"] as const;
const CLIENTS = [16, 64, 256] as const;
const SECONDS = 2;

/** Clients that ask again as soon as they are answered, on each route in each of the cache's modes. */
export const measureClosedLoops = ({ dir, seconds = SECONDS }: OverloadStage) =>
  withShop(dir, async ({ url }, products): Promise<Record<string, Row[]>> => {
    const kinds = await prepareKinds(url, products);
    const rows: Row[] = [];
    for (const mode of MODES) {
      await clientOf(url).put("/cache", { mode });
      for (const kind of kinds) {
        for (const clients of CLIENTS) {
          const until = performance.now() + seconds * 1_000;
          const tally = await askInLoops(url, kind, clients, () => performance.now() < until);
          rows.push({
            cache: mode,
            route: kind.name,
            clients,
            "answers/s": Math.round((tally.requests - tally.refused) / seconds),
            "p50 ms": rounded(tally.median, 1),
            "p99 ms": rounded(tally.p99, 1),
            refused: tally.refused,
            "without need": tally.needless,
            failed: tally.failures.length,
          });
        }
      }
    }
    return { "closed-loop clients on one route": rows };
  });
