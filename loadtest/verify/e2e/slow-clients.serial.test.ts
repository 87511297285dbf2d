import { expect, test } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { askInTurn } from "../../harness/fast-client.ts";
import { connectionsAtMost } from "../../harness/open-files.ts";
import { startRedis } from "../../harness/redis-process.ts";
import { openSlowClients } from "../../harness/slow-clients.ts";
import { joinShop, launchShop } from "../../harness/test-shops.ts";
import { median } from "../../report/statistics.ts";

/** A tenth of `npm run bench -- access --only slow`, which measures it in full. */
const SLOW = { idle: connectionsAtMost(1_000), senders: 50, readers: 50 };
const MOST_MS = 10;

describeWithRedis("slow clients and idle connections", () => {
  test(`delay a fast client by no more than ${MOST_MS} ms`, async () => {
    const redis = await startRedis();
    const beset = await launchShop({ REDIS_URL: redis.url });
    const quiet = await joinShop(beset, redis.url);
    const slow = await openSlowClients(beset.url, SLOW);
    endWithTests(slow.close);
    // In turn, so that whatever else the machine does delays both alike.
    const [alone = [], beside = []] = await askInTurn([quiet.url, beset.url], "/products/1", 300);
    expect(slow.connections()).toBeGreaterThanOrEqual(0.9 * (SLOW.idle + SLOW.senders + SLOW.readers));
    expect(median(beside) - median(alone)).toBeLessThan(MOST_MS);
  });

  test("a sender that takes longer than the deadline is cut off", async () => {
    const redis = await startRedis();
    const shop = await launchShop({ REDIS_URL: redis.url, REQUEST_DEADLINE_MS: "500" });
    const slow = await openSlowClients(shop.url, { idle: 0, senders: 10, readers: 0 });
    endWithTests(slow.close);
    await expect.poll(slow.ended, { timeout: 60_000 }).toBeGreaterThanOrEqual(5);
  });
});
