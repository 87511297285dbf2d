import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { PATIENT, startDefaultShop } from "../speed/speed-programs.ts";
import { addsToManyCarts, addsToOneCart, productReads, purchases, searches } from "./kinds.ts";
import { askInLoops } from "./tally.ts";

const PRODUCTS = 2_000;
const AT_ONCE = 200;

/** Milliseconds within which a request is to be answered, of each setting. */
const objectives = (times: number) => ({
  OBJECTIVE_READ_MS: String(Math.ceil(500 * times)),
  OBJECTIVE_WRITE_MS: String(Math.ceil(1_000 * times)),
  OBJECTIVE_CHECKOUT_MS: String(Math.ceil(3_000 * times)),
});
/** So long the dearest kind takes, at most, where the machine is fast enough for the default objectives. */
const QUICK_MS = 2_000;

describeWithRedis(`${AT_ONCE} requests at once as soon as a process is healthy`, () => {
  let dir: string;
  let slowness = 1;
  /** Each test starts the shop again on the same catalogue. @param times the default objectives */
  const start = async (times: number) => {
    const settings = { ...PATIENT, ...objectives(times), CATALOG_SIZE: String(PRODUCTS) };
    const shop = await startDefaultShop(dir, settings);
    endWithTests(shop.stop);
    return shop;
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "stampede-first-second-"));
    endWithTests(() => rm(dir, { recursive: true, force: true }));
    const shop = await start(100);
    const startedAt = performance.now();
    await askInLoops(shop.url, purchases, AT_ONCE, (turns) => turns < AT_ONCE);
    // A slower machine has as much more time.
    slowness = Math.max(1, (performance.now() - startedAt) / QUICK_MS);
    await shop.stop();
  });

  test.each([addsToOneCart, addsToManyCarts, searches, productReads(PRODUCTS), purchases])(
    "$name: none is refused",
    async (kind) => {
      const shop = await start(slowness);
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
