import { Redis } from "ioredis";
import { beforeAll, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { type RedisProcess, startRedis } from "../../loadtest/harness/redis-process.ts";
import type { BusMessage } from "../redis/bus.ts";
import { entryOf } from "../testing/entries.ts";
import { newPrefix, openParticipant, type RedisParticipant, untilUsable } from "../testing/redis-cache.ts";

const SLOTS = 16_384;
const NODES = 3;
const CLUSTERED = {
  "cluster-enabled": "yes",
  "cluster-node-timeout": "1000",
  // A shard without a replica must not take the others with it.
  "cluster-require-full-coverage": "no",
};

/** A real cluster: every node with its share of the slots, each introduced to the first. */
const startCluster = async (): Promise<RedisProcess[]> => {
  const nodes = await Promise.all(Array.from({ length: NODES }, () => startRedis(CLUSTERED)));
  const clients = nodes.map(({ url }) => new Redis(url));
  const share = SLOTS / NODES;
  for (const [i, client] of clients.entries()) {
    await client.cluster("ADDSLOTSRANGE", Math.ceil(i * share), Math.ceil((i + 1) * share) - 1);
    await client.cluster("MEET", "127.0.0.1", nodes[0]?.port ?? 0);
  }
  const states = async (): Promise<string[]> =>
    Promise.all(clients.map(async (client) => String(await client.cluster("INFO"))));
  await vi.waitFor(
    async () => {
      for (const state of await states()) {
        expect(state).toContain("cluster_state:ok");
        expect(state).toContain(`cluster_slots_ok:${SLOTS}`);
      }
    },
    { timeout: 60_000, interval: 50 },
  );
  for (const client of clients) client.disconnect();
  return nodes;
};

describeWithRedis("a Redis Cluster", () => {
  let nodes: RedisProcess[];
  let writer: RedisParticipant;
  let reader: RedisParticipant;
  const prefix = newPrefix();
  const keys = Array.from({ length: 60 }, (_, i) => i + 1);

  beforeAll(async () => {
    nodes = await startCluster();
    const url = nodes[0]?.url ?? "";
    writer = openParticipant(url, prefix, { cluster: true });
    reader = openParticipant(nodes[1]?.url ?? "", prefix, { cluster: true });
    await Promise.all([untilUsable(writer), untilUsable(reader)]);
  });

  test("values of every node are shared, versioned and leased", async () => {
    await Promise.all(keys.map((key) => writer.tier.put(key, entryOf(2))));
    await Promise.all(keys.map((key) => reader.tier.put(key, entryOf(1))));
    for (const key of keys) expect(await reader.tier.get(key)).toMatchObject({ value: "v2" });
    const leases = await Promise.all(keys.map((key) => writer.tier.acquire(key)));
    expect(leases.every((lease) => lease !== undefined)).toBe(true);
    expect(await Promise.all(keys.map((key) => reader.tier.acquire(key)))).toEqual(keys.map(() => undefined));
    await Promise.all(keys.map((key, i) => writer.tier.release(key, leases[i] ?? "")));
  });

  test("a write at any node is heard by a process that listens at another", async () => {
    const heard = new Set<number>();
    reader.bus.onMessage((message: BusMessage) => message.type === "invalidate" && heard.add(message.key));
    await Promise.all(keys.map((key) => writer.tier.invalidate(key, 3)));
    await vi.waitFor(() => expect(heard.size).toBe(keys.length), 20_000);
    for (const key of keys) {
      expect(await reader.tier.get(key)).toMatchObject({ kind: "tombstone", version: 3 });
    }
  });

  test("another type of data at any node is nothing, and is replaced", async () => {
    const others = Array.from({ length: 12 }, (_, i) => 1_000 + i);
    for (const key of others) await writer.client.hset(`${prefix}{${key}}`, "field", "1");
    expect(await Promise.all(others.map((key) => reader.tier.get(key)))).toEqual(others.map(() => undefined));
    await Promise.all(others.map((key) => reader.tier.put(key, entryOf(1))));
    for (const key of others) expect(await writer.tier.get(key)).toMatchObject({ value: "v1" });
  });

  test("a subscription that is cut is a gap here as well", async () => {
    const gaps = reader.gaps.length;
    reader.subscriber.stream.destroy();
    await vi.waitUntil(() => reader.gaps.length > gaps, 20_000);
    await untilUsable(reader);
  });

  test("a node that hangs holds nobody up; when it is back, Redis is used again", async () => {
    const hasty = openParticipant(nodes[1]?.url ?? "", prefix, { cluster: true, commandTimeout: 100 });
    await untilUsable(hasty);
    nodes[2]?.signal("SIGSTOP");
    // The node answers nothing before SIGCONT: reads that end before that were given up.
    const reads = await Promise.allSettled(keys.map((key) => hasty.tier.get(key)));
    expect(reads.some(({ status }) => status === "rejected")).toBe(true);
    await vi.waitUntil(() => !hasty.tier.isUsable(), 20_000);
    nodes[2]?.signal("SIGCONT");
    await Promise.all([hasty, reader, writer].map((each) => untilUsable(each)));
    expect(await reader.tier.get(keys[0] ?? 0)).toMatchObject({ version: 3 });
    await hasty.close();
  });

  test("all nodes killed and started again, empty: used again", async () => {
    await Promise.all(nodes.map(({ kill }) => kill()));
    await vi.waitUntil(() => !reader.tier.isUsable(), 20_000);
    await expect(reader.tier.get(1)).rejects.toThrow();
    await Promise.all(nodes.map(({ start }) => start()));
    await Promise.all([untilUsable(reader, 20_000), untilUsable(writer, 20_000)]);
    await writer.tier.put(1, entryOf(9));
    expect(await reader.tier.get(1)).toMatchObject({ value: "v9" });
  });
});
