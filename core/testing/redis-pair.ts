import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Redis } from "ioredis";
import { vi } from "vitest";
import { closeAtEnd, startTestRedis, type TestRedis } from "./redis.ts";

/** A primary and its replica behind one address, as a managed Redis has them. */
export interface RedisPair {
  /** Leads to the primary; a connection once opened stays where it led. */
  readonly url: string;
  readonly primary: TestRedis;
  readonly replica: TestRedis;
  /** Until the replica has everything that was written to the primary. */
  readonly untilCaughtUp: () => Promise<void>;
  /** The replica goes on by itself, without what is written to the primary from now on. */
  readonly detach: () => Promise<void>;
  /** The replica becomes the primary, and the former primary its replica. Open connections stay open. */
  readonly swap: () => Promise<void>;
}

/** Starts a pair that ends with the test file. */
export const startRedisPair = async (): Promise<RedisPair> => {
  const [primary, replica] = await Promise.all([startTestRedis(), startTestRedis()]);
  const [first, second] = [primary, replica].map(({ url }) => new Redis(url)) as [Redis, Redis];
  closeAtEnd(() => {
    first.disconnect();
    second.disconnect();
  });
  let target = primary.port;
  const port = await startForwarder(() => target);
  await second.replicaof("127.0.0.1", primary.port);
  const untilCaughtUp = async (): Promise<void> => {
    await vi.waitUntil(async () => (await first.wait(1, 1_000)) === 1, { timeout: 10_000, interval: 20 });
  };
  await untilCaughtUp();
  const detach = async (): Promise<void> => {
    await second.replicaof("NO", "ONE");
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    primary,
    replica,
    untilCaughtUp,
    detach,
    swap: async () => {
      await detach();
      target = replica.port;
      await first.replicaof("127.0.0.1", replica.port);
      await vi.waitUntil(async () => (await first.info("replication")).includes("master_link_status:up"), {
        timeout: 10_000,
        interval: 20,
      });
    },
  };
};

/** Forwards each new connection to the port that `target` names at the moment. */
const startForwarder = async (target: () => number): Promise<number> => {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target(), "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from
        .on("error", () => undefined)
        .on("close", () => {
          sockets.delete(from);
          to.destroy();
        });
      from.pipe(to);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closeAtEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
};
