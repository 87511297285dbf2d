import { Redis } from "ioredis";
import { vi } from "vitest";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { type RedisProcess, startRedis } from "../../loadtest/harness/redis-process.ts";
import { startProxy } from "../../loadtest/harness/tcp-proxy.ts";

/** A primary and its replica behind one address, as a managed Redis has them. */
export interface RedisPair {
  /** Leads to the primary; a connection once opened stays where it led. */
  readonly url: string;
  readonly primary: RedisProcess;
  readonly replica: RedisProcess;
  /** Until the replica has everything that was written to the primary. */
  readonly untilCaughtUp: () => Promise<void>;
  /** The replica goes on by itself, without what is written to the primary from now on. */
  readonly detach: () => Promise<void>;
  /** The replica becomes the primary, and the former primary its replica. Open connections stay open. */
  readonly swap: () => Promise<void>;
}

/** Starts a pair that ends with the test file. */
export const startRedisPair = async (): Promise<RedisPair> => {
  const [primary, replica] = await Promise.all([startRedis(), startRedis()]);
  const [first, second] = [primary, replica].map(({ url }) => new Redis(url)) as [Redis, Redis];
  endWithTests(() => {
    first.disconnect();
    second.disconnect();
  });
  const proxy = await startProxy(primary.port);
  await second.replicaof("127.0.0.1", primary.port);
  const untilCaughtUp = async (): Promise<void> => {
    // WAIT asks for what its own connection has written, and others have written before.
    await first.set("caught-up", Date.now());
    await vi.waitUntil(async () => (await first.wait(1, 1_000)) === 1, { timeout: 60_000, interval: 20 });
  };
  await untilCaughtUp();
  const detach = async (): Promise<void> => {
    await second.replicaof("NO", "ONE");
  };
  return {
    url: `redis://127.0.0.1:${proxy.port}`,
    primary,
    replica,
    untilCaughtUp,
    detach,
    swap: async () => {
      await detach();
      proxy.leadTo(replica.port);
      await first.replicaof("127.0.0.1", replica.port);
      await vi.waitUntil(async () => (await first.info("replication")).includes("master_link_status:up"), {
        timeout: 60_000,
        interval: 20,
      });
    },
  };
};
