import { expect, test } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { type RedisProcess, startRedis } from "../../loadtest/harness/redis-process.ts";
import { openLoopAwareTimeout } from "../redis/loop-aware-timeout.ts";
import { type AskRedis, openRedis } from "../redis/redis-client.ts";
import { newPrefix, patient } from "../testing/redis-cache.ts";
import type { Policy } from "./bucket.ts";
import { openRateLimiter, type RateLimiter } from "./rate-limiter.ts";
import { openTakeShared } from "./shared-buckets.ts";

const policy: Policy = { name: "default", capacity: 1_000, refill: 1 / 1_000 };

const ask: AskRedis = (call) => call();

const allowedBy = async ({ take }: RateLimiter, count: number): Promise<number> => {
  let allowed = 0;
  for (let at = 0; at < count; at++) if ((await take(policy, "client")).isAllowed) allowed += 1;
  return allowed;
};

describeWithRedis("buckets that processes share", () => {
  const open = async (redis: RedisProcess, prefix: string) => {
    const client = patient(openRedis({ url: redis.url, cluster: false, commandTimeout: 1_000 }));
    endWithTests(() => client.disconnect());
    await expect.poll(() => client.status).toBe("ready");
    return { client, limiter: openRateLimiter(Date.now, openTakeShared(client, prefix, ask)) };
  };

  test("two processes together let through what one may, within a tenth", async () => {
    const redis = await startRedis();
    const prefix = newPrefix();
    const [a, b] = await Promise.all([open(redis, prefix), open(redis, prefix)]);
    const startedAt = Date.now();
    const counts = await Promise.all([allowedBy(a.limiter, 3_000), allowedBy(b.limiter, 3_000)]);
    const back = (Date.now() - startedAt) * policy.refill;
    const sum = counts[0] + counts[1];
    expect(sum).toBeGreaterThanOrEqual(0.9 * policy.capacity);
    expect(sum).toBeLessThanOrEqual(1.1 * (policy.capacity + back));
    const [key = ""] = await a.client.keys(`${prefix}*`);
    expect(await a.client.pttl(key)).toBeGreaterThan(0);
  });

  test("asks Redis for a twentieth of the requests, and for none that is refused", async () => {
    const redis = await startRedis();
    const { client, limiter } = await open(redis, newPrefix());
    const calls = async (): Promise<number> => {
      const info = await client.info("all");
      return [...info.matchAll(/_eval(?:sha)?:calls=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
    };
    await allowedBy(limiter, 500);
    expect(await calls()).toBeLessThanOrEqual(500 / 20);
    await allowedBy(limiter, 1_000);
    const before = await calls();
    const startedAt = Date.now();
    await allowedBy(limiter, 10_000);
    expect((await calls()) - before).toBeLessThanOrEqual(2 + (Date.now() - startedAt) * policy.refill * 2);
  });

  test("waits no longer for a Redis that hangs than its calls may take, and counts alone", async () => {
    const redis = await startRedis();
    const { client } = await open(redis, newPrefix());
    const timeout = openLoopAwareTimeout();
    const limiter = openRateLimiter(
      Date.now,
      openTakeShared(client, newPrefix(), (call) => timeout.within(call(), 50)),
    );
    redis.signal("SIGSTOP");
    const [startedAt, deafBefore] = [performance.now(), timeout.deaf()];
    expect(await limiter.take(policy, "client")).toMatchObject({ isAllowed: true });
    // Redis answers nothing before SIGCONT, and its client alone would wait for half a minute.
    expect(performance.now() - startedAt - (timeout.deaf() - deafBefore)).toBeLessThan(20_000);
    redis.signal("SIGCONT");
    timeout.close();
  });

  test("finds a full bucket where Redis holds anything else", async () => {
    const redis = await startRedis();
    const prefix = newPrefix();
    const { client, limiter } = await open(redis, prefix);
    const key = `${prefix}rate:{default:client}`;
    for (const poison of [
      () => client.set(key, "text"),
      () => client.hset(key, "tokens", "many", "at", "never"),
      () => client.hset(key, "tokens", "1e300", "at", "-5"),
      () => client.hset(key, "tokens", "-1e300", "at", "1e300"),
    ]) {
      await client.del(key);
      await poison();
      const { isAllowed, remaining } = await openRateLimiter(
        Date.now,
        openTakeShared(client, prefix, ask),
      ).take(policy, "client");
      expect(remaining).toBeLessThanOrEqual(policy.capacity);
      if (isAllowed) expect(remaining).toBeGreaterThan(0);
    }
    expect(limiter.isSpent(policy, "client")).toBe(false);
  });
});
