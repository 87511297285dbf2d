import { beforeAll, expect, test } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { startRedis } from "../../loadtest/harness/redis-process.ts";
import { openHotKeys } from "../cache/hot-keys.ts";
import { openRedis, type RedisClient } from "../redis/redis-client.ts";
import { newPrefix, patient } from "../testing/redis-cache.ts";
import { openHotBoard } from "./hot-board.ts";

const HOUR_MS = 3_600_000;

describeWithRedis("the board of hot products", () => {
  let redis: RedisClient;
  beforeAll(async () => {
    const { url } = await startRedis();
    redis = patient(openRedis({ url, cluster: false, commandTimeout: 1_000 }));
    endWithTests(() => redis.disconnect());
    await new Promise((resolve) => redis.once("ready", resolve));
  });

  /** One process that has counted `reads` of a product, or nothing. */
  const open = (prefix: string, reads = 0, product = 1) => {
    const hot = openHotKeys();
    for (let i = 0; i < reads; i++) hot.touch(product);
    const values: unknown[] = [];
    const dropped = { message: () => undefined, value: (_: string, sample: unknown) => values.push(sample) };
    return { ...openHotBoard({ redis, prefix, hot, interval: HOUR_MS, dropped }), values };
  };

  test("fades once an interval, however many processes add to it", async () => {
    const prefix = newPrefix();
    await redis.zadd(`${prefix}hot`, 1_000, "7");
    for (let process = 0; process < 5; process++) await open(prefix).contribute();
    expect(await redis.zscore(`${prefix}hot`, "7")).toBe("500");
    await redis.del(`{${prefix}hot}:fade`); // As its time does.
    await open(prefix).contribute();
    expect(await redis.zscore(`${prefix}hot`, "7")).toBe("250");
  });

  test("adds up what all processes counted", async () => {
    const prefix = newPrefix();
    await Promise.all(
      [open(prefix, 800, 1), open(prefix, 800, 2), open(prefix, 800, 2)].map((p) => p.contribute()),
    );
    expect(await open(prefix).top(10)).toEqual([2, 1]);
  });

  test("drops members that are no product numbers, and replaces what is no board", async () => {
    const prefix = newPrefix();
    await redis.zadd(`${prefix}hot`, 5, "garbage", 4, "-1", 3, "1.5", 2, "1e999", 1, "7");
    const board = open(prefix);
    expect(await board.top(10)).toEqual([7]);
    expect(board.values).toEqual(["garbage", "-1", "1.5", "1e999"]);
    await redis.set(`${prefix}hot`, "garbage");
    await open(prefix, 800, 3).contribute();
    expect(await board.top(10)).toEqual([3]);
  });
});
