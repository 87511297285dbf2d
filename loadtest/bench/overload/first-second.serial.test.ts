import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { PATIENT, startDefaultShop } from "../speed/speed-programs.ts";
import { addsToManyCarts, addsToOneCart, productReads, purchases, searches } from "./kinds.ts";
import { askInLoops } from "./tally.ts";

const PRODUCTS = 20_000;
const AT_ONCE = 200;

describeWithRedis(`${AT_ONCE} requests at once as soon as a process is healthy`, () => {
  let dir: string;
  /** Each test starts the shop again on the same catalogue. */
  const start = async () => {
    const shop = await startDefaultShop(dir, { ...PATIENT, CATALOG_SIZE: String(PRODUCTS) });
    endWithTests(shop.stop);
    return shop;
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "stampede-first-second-"));
    endWithTests(() => rm(dir, { recursive: true, force: true }));
    await (await start()).stop();
  });

  test.each([addsToOneCart, addsToManyCarts, searches, productReads(PRODUCTS), purchases])(
    "$name: none is refused",
    async (kind) => {
      const shop = await start();
      const { refused, reasons, failures } = await askInLoops(
        shop.url,
        kind,
        AT_ONCE,
        (turns) => turns < AT_ONCE,
      );
      await shop.stop();
      expect(refused, String(reasons)).toBe(0);
      expect(failures).toEqual([]);
    },
    120_000,
  );
});
