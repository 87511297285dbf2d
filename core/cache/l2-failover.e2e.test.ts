import { expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { entryOf } from "../testing/entries.ts";
import { newPrefix, openParticipant, untilUsable } from "../testing/redis-cache.ts";
import { startRedisPair } from "../testing/redis-pair.ts";
import { UNTRUSTED } from "./l2.ts";

vi.setConfig({ testTimeout: 120_000 }); // Whole fail-overs, however busy the machine is.

/** Two processes on a pair of servers. */
const openPair = async () => {
  const pair = await startRedisPair();
  const prefix = newPrefix();
  const [writer, reader] = [openParticipant(pair.url, prefix), openParticipant(pair.url, prefix)];
  await Promise.all([untilUsable(writer), untilUsable(reader)]);
  return { pair, writer, reader };
};

// Side by side, each on its own pair: they wait most of the time.
describeWithRedis("a Redis whose primary changes", () => {
  test.concurrent("finds the new primary although the connections to the old one stay open", async () => {
    const { pair, writer, reader } = await openPair();
    await writer.tier.put(1, entryOf(1));
    await pair.untilCaughtUp();
    const gapsBefore = reader.gaps.length;
    await pair.swap();
    await vi.waitUntil(() => reader.gaps.length > gapsBefore, { timeout: 30_000, interval: 5 });
    await Promise.all([untilUsable(writer, 30_000), untilUsable(reader, 30_000)]);

    const heard: unknown[] = [];
    reader.bus.onMessage((message) => heard.push(message));
    await writer.tier.invalidate(1, 2);
    expect(await reader.tier.get(1)).toMatchObject({ kind: "tombstone", version: 2 });
    await vi.waitFor(() => expect(heard).toEqual([{ type: "invalidate", key: 1, version: 2 }]), 30_000);
  });

  test.concurrent("believes no value from before, because the tombstone that outdated it may be lost", async () => {
    const { pair, writer, reader } = await openPair();
    await writer.tier.put(1, entryOf(1));
    await writer.tier.put(2, entryOf(1));
    await pair.untilCaughtUp();
    await pair.detach();
    await writer.tier.invalidate(1, 2); // Acknowledged by the old primary, never seen by the new one.
    const gapsBefore = reader.gaps.length;
    await pair.swap();
    await vi.waitUntil(() => reader.gaps.length > gapsBefore, { timeout: 30_000, interval: 5 });
    await untilUsable(reader, 30_000);
    // The pair may still be changing over; what was there before is not believed at any moment of it. On a slow machine the
    // old primary's word may have come too late, and the tombstone went to the new one as well.
    for (let found = await reader.tier.get(1); found !== UNTRUSTED; found = await reader.tier.get(1)) {
      if (found?.kind === "tombstone") break;
      expect(found?.kind).not.toBe("value");
    }

    await reader.tier.put(1, entryOf(2));
    await untilUsable(writer, 30_000);
    expect(await writer.tier.get(1)).toMatchObject({ value: "v2" });
    // The same version is believed once it was loaded anew.
    expect(await reader.tier.get(2)).toBe(UNTRUSTED);
    await reader.tier.put(2, entryOf(1));
    expect(await writer.tier.get(2)).toMatchObject({ value: "v1" });
  });

  test.concurrent("gives up a server that refuses writes, though it answers reads", async () => {
    const { pair, writer, reader } = await openPair();
    await writer.tier.put(1, entryOf(1));
    await pair.detach();
    // Without a replica left, the primary now refuses every write.
    await writer.client.config("SET", "min-replicas-to-write", "1");
    await vi.waitUntil(() => !reader.tier.isUsable() && !writer.tier.isUsable(), 30_000);
    await writer.client.config("SET", "min-replicas-to-write", "0");
    await Promise.all([untilUsable(writer, 30_000), untilUsable(reader, 30_000)]);
  });
});
