import { beforeAll, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { startRedis } from "../../loadtest/harness/redis-process.ts";
import { openLocalBus } from "../redis/bus.ts";
import { newPrefix, openParticipant } from "../testing/redis-cache.ts";
import { MAX_PINS, openPins, PIN_MS } from "./pins.ts";

/** For a machine that is busy. */
const PATIENCE_MS = 30_000;
const ALL = Array.from({ length: MAX_PINS }, (_, i) => i + 1);

test("limits the pins of a process that has no Redis, and forgets them when they end", async () => {
  let clock = 1_000;
  const dropped = { message: vi.fn(), value: vi.fn() };
  const pins = openPins({ redis: undefined, bus: openLocalBus(), prefix: "", now: () => clock, dropped });
  for (const id of ALL) await pins.pin(id);
  await expect(pins.pin(MAX_PINS + 1)).rejects.toMatchObject({ code: "TOO_MANY_PINS" });
  await pins.pin(1); // Again is no further one.
  expect(pins.ids()).toEqual(ALL);
  clock += PIN_MS + 1;
  expect(pins.ids()).toEqual([]);
  await pins.pin(MAX_PINS + 1);
  expect(pins.ids()).toEqual([MAX_PINS + 1]);
  pins.close();
});

describeWithRedis("pins shared over Redis", () => {
  let url: string;
  beforeAll(async () => {
    ({ url } = await startRedis());
  });

  const open = async (prefix: string, now = Date.now) => {
    const { client, bus, close } = openParticipant(url, prefix);
    const dropped: unknown[] = [];
    const drop = (...what: unknown[]) => dropped.push(what);
    const pins = openPins({
      redis: client,
      bus,
      prefix,
      now,
      dropped: { message: drop, value: drop },
    });
    await vi.waitUntil(() => bus.heardUntil() > 0, PATIENCE_MS);
    return { client, bus, pins, dropped, close };
  };

  test("limits the pins of all processes together", async () => {
    const prefix = newPrefix();
    const [a, b] = [await open(prefix), await open(prefix)];
    const answers = await Promise.allSettled(
      Array.from({ length: 3 * MAX_PINS }, (_, i) => (i % 2 ? a : b).pins.pin(i + 1)),
    );
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(MAX_PINS);
    await vi.waitFor(() => expect(a.pins.ids().toSorted()).toEqual(b.pins.ids().toSorted()), PATIENCE_MS);
    expect((await open(prefix)).pins.ids().length).toBeLessThanOrEqual(MAX_PINS);
  });

  test("learns no more pins than there may be, none for longer than a pin lasts, and no garbage", async () => {
    const prefix = newPrefix();
    const now = Date.now();
    const { client } = await open(prefix);
    const members = Array.from({ length: 5_000 }, (_, i) => [String(now + PIN_MS - i), String(i + 1)]).flat();
    const others = [String(now + 1_000), "garbage", "inf", "-3", "inf", "7"];
    await client.call("ZADD", `${prefix}pins`, ...others, ...members);
    const late = await open(prefix);
    await vi.waitFor(() => expect(late.pins.ids().length).toBeGreaterThan(0), PATIENCE_MS);
    await late.bus.publish({ type: "pin", key: 2 ** 40, until: now + 1_000 });
    await late.bus.publish({ type: "pin", key: 9_999, until: 2 ** 53 - 1 });
    await vi.waitUntil(() => late.bus.heardUntil() > Date.now() - 50, PATIENCE_MS);
    expect(late.pins.ids().length).toBeLessThanOrEqual(MAX_PINS);
    expect(late.pins.isPinned(2 ** 40)).toBe(false);
    expect(late.dropped).not.toEqual([]);
  });

  test("learns only product numbers from Redis, and lets none last for longer than a pin of now", async () => {
    const prefix = newPrefix();
    const { client } = await open(prefix);
    const members = ["garbage", "-3", "0", "1.5", "2147483648", "1e999"];
    const scored = [...members.flatMap((member) => ["1e300", member]), "inf", "8", "1e300", "7"];
    await client.call("ZADD", `${prefix}pins`, ...scored);
    const clock = { ahead: 0 };
    const { pins, dropped } = await open(prefix, () => Date.now() + clock.ahead);
    await vi.waitFor(() => expect(pins.ids()).toEqual([7]), PATIENCE_MS);
    const found = () => new Set(dropped.map((drop) => (drop as unknown[])[1]));
    await vi.waitFor(() => expect(found()).toEqual(new Set([...members, "8"])), PATIENCE_MS);
    await client.del(`${prefix}pins`);
    clock.ahead = PIN_MS - 60_000;
    expect(pins.isPinned(7)).toBe(true);
    clock.ahead = PIN_MS + 60_000;
    expect(pins.isPinned(7)).toBe(false);
  });

  test("replaces what is no list of pins", async () => {
    const prefix = newPrefix();
    const { client, pins } = await open(prefix);
    await client.set(`${prefix}pins`, "garbage");
    await pins.pin(5);
    expect(await client.zrevrange(`${prefix}pins`, 0, -1)).toEqual(["5"]);
  });
});
