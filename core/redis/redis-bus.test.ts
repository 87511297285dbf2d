import { beforeAll, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { type RedisProcess, startRedis } from "../../loadtest/harness/redis-process.ts";
import { newPrefix, openParticipant, untilUsable } from "../testing/redis-cache.ts";
import type { BusMessage } from "./bus.ts";

/** However slow the machine is. */
const PATIENT = { timeout: 20_000, interval: 5 };

describeWithRedis("the bus over Redis", () => {
  let redis: RedisProcess;
  beforeAll(async () => {
    redis = await startRedis();
  });

  test.concurrent("messages reach every process, in order, and before the heartbeat sent after them", async () => {
    const prefix = newPrefix();
    const [sender, receiver] = [openParticipant(redis.url, prefix), openParticipant(redis.url, prefix)];
    await Promise.all([untilUsable(sender), untilUsable(receiver)]);
    const heard: BusMessage[] = [];
    receiver.bus.onMessage((message) => heard.push(message));
    const messages = Array.from({ length: 200 }, (_, key): BusMessage => {
      return { type: "invalidate", key, version: key };
    });
    await Promise.all(messages.map(sender.bus.publish));
    const sentBy = Date.now();
    await vi.waitUntil(() => receiver.bus.heardUntil() > sentBy, PATIENT);
    expect(heard).toEqual(messages);
  });

  test.concurrent("while Redis answers, each heartbeat follows the one before without a gap", async () => {
    const participant = openParticipant(redis.url, newPrefix());
    await untilUsable(participant);
    /** Whether three heartbeats in a row left no gap; a machine that holds everything up may cause one. */
    const hasHeardThree = async (): Promise<boolean> => {
      const gaps = participant.gaps.length;
      for (let beat = 0; beat < 3; beat++) {
        const before = participant.bus.heardUntil();
        await vi.waitUntil(() => participant.bus.heardUntil() > before, PATIENT);
      }
      return participant.gaps.length === gaps;
    };
    await vi.waitUntil(hasHeardThree, PATIENT);
  });

  test.concurrent("a subscription that is cut and comes back at once is a gap, announced before the bus is believed", async () => {
    const own = await startRedis();
    const participant = openParticipant(own.url, newPrefix());
    await untilUsable(participant);
    const gaps = participant.gaps.length;
    let believedAtGap: number | undefined;
    participant.bus.onGap(() => {
      believedAtGap = participant.bus.heardUntil();
    });
    await participant.client.call("CLIENT", "KILL", "TYPE", "pubsub");
    await vi.waitUntil(() => participant.gaps.length > gaps, { ...PATIENT, interval: 2 });
    expect(believedAtGap).toBe(0);
    await vi.waitUntil(() => participant.bus.heardUntil() > 0, PATIENT);
    expect(participant.tier.isUsable()).toBe(false);
    await untilUsable(participant);
  });

  test.concurrent("a hung Redis is away, and nothing is heard from it", async () => {
    const own = await startRedis();
    const participant = openParticipant(own.url, newPrefix());
    await untilUsable(participant);
    own.signal("SIGSTOP");
    const stoppedAt = Date.now();
    await vi.waitUntil(() => !participant.bus.isUp(), PATIENT);
    expect(participant.bus.heardUntil()).toBeLessThanOrEqual(stoppedAt);
  });
});
