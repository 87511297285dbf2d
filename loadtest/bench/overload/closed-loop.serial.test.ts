import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { PATIENT, type ShopProgram, startDefaultShop } from "../speed/speed-programs.ts";
import { type Kind, prepareKinds } from "./kinds.ts";
import { askInLoops } from "./tally.ts";

const PRODUCTS = 2_000;
const MODES = ["off", "redis", "tiered"] as const;
const CLIENTS = [16, 256] as const;
/** Reads, writes and orders; where the cache is changes nothing about the others. */
const CACHED = ["products", "adds to many carts", "purchases"];
/** Of all clients together, at each number of them. */
const turnsOf = (clients: number): number => Math.max(64, 2 * clients);

describeWithRedis("closed-loop clients on one route", () => {
  let shop: ShopProgram;
  let kinds: readonly Kind[];

  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), "stampede-loops-"));
    endWithTests(() => rm(dir, { recursive: true, force: true }));
    shop = await startDefaultShop(dir, { ...PATIENT, CATALOG_SIZE: String(PRODUCTS) });
    endWithTests(shop.stop);
    kinds = await prepareKinds(shop.url, PRODUCTS);
  });

  test.each(MODES)(
    "are not refused with the cache %s while answers are in time",
    async (mode) => {
      await clientOf(shop.url).put("/cache", { mode });
      const refusals: string[] = [];
      const failures: string[] = [];
      for (const clients of CLIENTS) {
        const asked = mode === "tiered" ? kinds : kinds.filter(({ name }) => CACHED.includes(name));
        expect(asked.length).toBeGreaterThanOrEqual(CACHED.length);
        for (const kind of asked) {
          const tally = await askInLoops(shop.url, kind, clients, (turns) => turns < turnsOf(clients));
          if (tally.needless > 0) {
            refusals.push(
              `${clients} clients, ${kind.name}: ${tally.needless} of ${tally.requests} (${tally.reasons}), median ${Math.round(tally.median)} ms`,
            );
          }
          failures.push(...tally.failures);
        }
      }
      expect(refusals).toEqual([]);
      expect(failures).toEqual([]);
    },
    240_000,
  );
});
