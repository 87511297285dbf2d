// biome-ignore-all lint/style/noExcessiveLinesPerFile: its cases share two processes and a Redis
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { type RedisProcess, startRedis } from "../../loadtest/harness/redis-process.ts";
import { newPrefix, openParticipant } from "../testing/redis-cache.ts";
import { openFaultSharing } from "./fault-sharing.ts";
import { type Fault, openFaults } from "./faults.ts";

const PAUSE_MS = 400;

const faultFor = (seconds: number): Fault => {
  return { failureRate: 1, latencyMs: 0, kind: "error", expiresAt: Date.now() + seconds * 1_000 };
};

describeWithRedis("faults shared over Redis", () => {
  let redis: RedisProcess;
  let prefix: string;
  beforeAll(async () => {
    redis = await startRedis();
  });
  beforeEach(() => {
    prefix = newPrefix();
  });

  /** One process, as far as faults go. @param ahead milliseconds by which its clock is ahead */
  const open = async (ahead = 0) => {
    const { client, subscriber, bus } = openParticipant(redis.url, prefix);
    const untilHeard = () => vi.waitUntil(() => bus.heardUntil() > 0, { timeout: 30_000, interval: 5 });
    const faults = openFaults({ isEnabled: true, now: Date.now });
    const dropped: unknown[] = [];
    const drop = (...what: unknown[]) => dropped.push(what);
    const sharing = openFaultSharing({
      faults,
      redis: client,
      bus,
      prefix,
      now: () => Date.now() + ahead,
      dropped: { message: drop, value: drop },
    });
    await untilHeard();
    return {
      bus,
      client,
      dropped,
      share: sharing.share,
      isBroken: () => faults.current("payment") !== undefined,
      cutOff: async () => {
        for (const connection of [client, subscriber]) connection.disconnect();
        await vi.waitUntil(() => client.status === "end" && subscriber.status === "end", {
          timeout: 30_000,
          interval: 5,
        });
      },
      comeBack: async () => {
        await Promise.all([client, subscriber].map((connection) => connection.connect()));
        await untilHeard();
      },
    };
  };
  type Process = Awaited<ReturnType<typeof open>>;

  const until = (isBroken: boolean, ...processes: Process[]): Promise<void> =>
    vi.waitFor(
      () => expect(processes.map((process) => process.isBroken())).toEqual(processes.map(() => isBroken)),
      { timeout: 30_000, interval: 10 },
    );
  /** Not only for a moment. */
  const remains = async (isBroken: boolean, ...processes: Process[]): Promise<void> => {
    await until(isBroken, ...processes);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    await until(isBroken, ...processes);
  };

  test("one call breaks those that run and those that start later, and one mends them", async () => {
    const [a, b] = [await open(), await open()];
    expect(await a.share("payment", faultFor(60))).toBe(true);
    await until(true, a, b);
    const later = await open();
    await until(true, later);
    expect(await b.share("payment", undefined)).toBe(true);
    await remains(false, a, b, later, await open());
  });

  test("a process that was cut off during the repair is repaired when it reconnects", async () => {
    const [a, b] = [await open(), await open()];
    await a.share("payment", faultFor(60));
    await until(true, b);
    await b.cutOff();
    expect(await a.share("payment", undefined)).toBe(true);
    expect(b.isBroken()).toBe(true);
    await b.comeBack();
    await remains(false, a, b);
  });

  test("a process that was cut off keeps no fault beyond the one that replaced it", async () => {
    const [a, b] = [await open(), await open()];
    await a.share("payment", faultFor(60));
    await until(true, b);
    await b.cutOff();
    await a.share("payment", { ...faultFor(0), expiresAt: Date.now() + 50 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await b.comeBack();
    await remains(false, a, b);
  });

  test("a fault mended while Redis can't be reached stays mended, and the other processes learn of it afterwards", async () => {
    const [a, b] = [await open(), await open()];
    await a.share("payment", faultFor(60));
    await until(true, b);
    await a.cutOff();
    expect(await a.share("payment", undefined)).toBe(false);
    expect([a, b].map((process) => process.isBroken())).toEqual([false, true]);
    await a.comeBack();
    await remains(false, a, b, await open());
  });

  test("a fault set meanwhile does too, and a Redis that has lost its memory gets it again", async () => {
    const [a, b] = [await open(), await open()];
    await a.cutOff();
    expect(await a.share("payment", faultFor(60))).toBe(false);
    await a.comeBack();
    await until(true, a, b);
    await redis.kill();
    await redis.start();
    await until(true, await open());
  });

  test("a Redis that takes messages and no more data takes this", async () => {
    const [a, b] = [await open(), await open()];
    await a.share("payment", faultFor(60));
    await until(true, b);
    const full = openParticipant(redis.url, prefix).client;
    await vi.waitFor(() => full.config("SET", "maxmemory", "1"), 30_000);
    try {
      expect(await a.share("payment", undefined)).toBe(true);
      await remains(false, a, b, await open());
    } finally {
      await full.config("SET", "maxmemory", "0");
    }
  });

  test("an older message changes nothing, and the clocks need not agree", async () => {
    const [a, b] = [await open(60_000), await open()];
    await a.share("payment", faultFor(60));
    await until(true, b);
    expect(await b.share("payment", undefined)).toBe(true);
    await until(false, a, b);
    const old = { fault: faultFor(60), at: Date.now(), by: "z" };
    await b.bus.publish({ type: "fault", service: "payment", ...old });
    await remains(false, a, b);
  });

  test("nor need a process know of what it mends that was set by a clock ahead of its own", async () => {
    const [a, b] = [await open(60_000), await open()];
    await b.cutOff();
    await a.share("payment", faultFor(60));
    const returning = b.comeBack();
    await vi.waitFor(async () => expect(await b.share("payment", undefined)).toBe(true), 30_000);
    await returning;
    await remains(false, a, b);
  });

  test("faults set by two processes at the same moment end alike in both", async () => {
    const all = [await open(), await open(), await open()];
    await Promise.all(all.map((process, i) => process.share("payment", i > 0 ? faultFor(60) : undefined)));
    const said = Date.now();
    // Messages come in order, so a beat from after them is heard after them.
    await vi.waitUntil(() => all.every(({ bus }) => bus.heardUntil() > said), 30_000);
    const broken = all.map((process) => process.isBroken());
    expect(new Set(broken).size).toBe(1);
  });

  test.each([
    "garbage",
    "null",
    "[]",
    '{"at":1}',
    '{"fault":null,"at":"1","by":"x"}',
    '{"fault":{"failureRate":1,"latencyMs":0,"kind":"nope","expiresAt":1},"at":1,"by":"x"}',
    '{"fault":null,"at":9e15,"by":"x"}',
    "[".repeat(10_000),
  ])("takes %j in Redis for no setting, and replaces it", async (text) => {
    const a = await open();
    await a.client.set(`${prefix}fault-setting:payment`, text);
    const b = await open();
    await vi.waitFor(() => expect(b.dropped).not.toEqual([]), 30_000);
    expect(await a.share("payment", faultFor(60))).toBe(true);
    await until(true, a, b, await open());
  });

  test("replaces another type of data in the place of a setting", async () => {
    const a = await open();
    await a.client.hset(`${prefix}fault-setting:payment`, "field", "1");
    expect(await a.share("payment", faultFor(60))).toBe(true);
    await until(true, await open());
  });

  test("drops messages that no process can have meant", async () => {
    const a = await open();
    const [at, by] = [Date.now(), "z"];
    const inADay = at + 86_400_000;
    await a.bus.publish({ type: "fault", service: "payment", fault: faultFor(60), at: inADay, by });
    await a.bus.publish({ type: "fault", service: "payment", fault: faultFor(86_400), at, by });
    await vi.waitFor(() => expect(a.dropped).toHaveLength(2), 30_000);
    expect(a.isBroken()).toBe(false);
    expect(await a.share("payment", faultFor(60))).toBe(true);
    await until(true, a);
  });
});
