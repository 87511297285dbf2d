import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { type RedisProcess, startRedis } from "../../loadtest/harness/redis-process.ts";
import { openRedis } from "../redis/redis-client.ts";
import { newPrefix, patient } from "../testing/redis-cache.ts";
import { openTurns } from "./turns.ts";

describeWithRedis("turns on a counter", () => {
  const open = async (redis: RedisProcess, prefix: string) => {
    const client = patient(openRedis({ url: redis.url, cluster: false, commandTimeout: 1_000 }));
    endWithTests(() => client.disconnect());
    await expect.poll(() => client.status).toBe("ready");
    return { client, takeTurn: openTurns(client, prefix, (call) => call()) };
  };

  test("one process after another, and each that had to wait knows it", async () => {
    const redis = await startRedis();
    const prefix = newPrefix();
    const processes = await Promise.all([open(redis, prefix), open(redis, prefix), open(redis, prefix)]);
    let holders = 0;
    let most = 0;
    let waits = 0;
    const workOf = async ({ takeTurn }: (typeof processes)[number]): Promise<void> => {
      for (let turns = 0; turns < 10; turns++) {
        const turn = await takeTurn("1#0");
        if (turn.hasWaited) waits += 1;
        if (turn.isHeld) most = Math.max(most, ++holders);
        await sleep(5);
        if (turn.isHeld) holders -= 1;
        turn.giveBack();
      }
    };
    await Promise.all(processes.map(workOf));
    expect(most).toBe(1);
    expect(waits).toBeGreaterThan(0);
  });

  test("other counters do not wait", async () => {
    const redis = await startRedis();
    const prefix = newPrefix();
    const [a, b] = await Promise.all([open(redis, prefix), open(redis, prefix)]);
    await a.takeTurn("1#0");
    expect(await b.takeTurn("1#1")).toMatchObject({ isHeld: true, hasWaited: false });
  });

  test("a holder that is gone keeps others for no longer than a turn", async () => {
    const redis = await startRedis();
    const prefix = newPrefix();
    const [a, b] = await Promise.all([open(redis, prefix), open(redis, prefix)]);
    await a.takeTurn("1#0");
    a.client.disconnect();
    let turn = await b.takeTurn("1#0");
    expect(turn.hasWaited).toBe(true);
    while (!turn.isHeld) turn = await b.takeTurn("1#0"); // On a slow machine it goes without first.
  });

  test("data of another kind under its key is replaced", async () => {
    const redis = await startRedis();
    const prefix = newPrefix();
    const { client, takeTurn } = await open(redis, prefix);
    await client.set(`${prefix}turn:{1#0}`, "for ever");
    expect(await takeTurn("1#0")).toMatchObject({ isHeld: true, hasWaited: false });
    await client.hset(`${prefix}turn:{1#1}`, "of", "another type");
    await client.pexpire(`${prefix}turn:{1#1}`, 3_600_000);
    expect(await takeTurn("1#1")).toMatchObject({ isHeld: true, hasWaited: false });
  });

  test("a turn that ran out is not given back for its next holder", async () => {
    const redis = await startRedis();
    const prefix = newPrefix();
    const { client, takeTurn } = await open(redis, prefix);
    const late = await takeTurn("1#0");
    await client.del(`${prefix}turn:{1#0}`);
    await takeTurn("1#0");
    late.giveBack();
    await client.ping(); // Redis answers in order.
    expect(await client.exists(`${prefix}turn:{1#0}`)).toBe(1);
  });

  test("a turn that is given back is free at once, and so is one whose answer got lost", async () => {
    const redis = await startRedis();
    const prefix = newPrefix();
    const { client, takeTurn } = await open(redis, prefix);
    const isTaken = async (): Promise<boolean> => (await client.exists(`${prefix}turn:{1#0}`)) === 1;
    const turn = await takeTurn("1#0");
    expect(await isTaken()).toBe(true);
    turn.giveBack();
    expect(await isTaken()).toBe(false); // Redis answers in order.
    const losesAnswers = openTurns(client, prefix, async (call) => {
      await call();
      throw new Error("Too late");
    });
    expect(await losesAnswers("1#0")).toMatchObject({ isHeld: false, hasWaited: false });
    expect(await isTaken()).toBe(false);
  });

  test("a counter that others keep is written without a turn in the end", async () => {
    const redis = await startRedis();
    const prefix = newPrefix();
    const { client, takeTurn } = await open(redis, prefix);
    const others = setInterval(() => client.set(`${prefix}turn:{1#0}`, "another", "PX", 1_000), 50);
    endWithTests(() => clearInterval(others));
    await expect.poll(() => client.exists(`${prefix}turn:{1#0}`)).toBe(1);
    expect(await takeTurn("1#0")).toMatchObject({ isHeld: false, hasWaited: true });
    clearInterval(others);
  });

  test("without Redis it goes on, and asks no more for a while", async () => {
    const redis = await startRedis();
    const { client, takeTurn } = await open(redis, newPrefix());
    client.disconnect();
    expect(await takeTurn("1#0")).toMatchObject({ isHeld: false, hasWaited: false });
    await expect.poll(() => client.status).toBe("end");
    await client.connect();
    expect(await takeTurn("1#0")).toMatchObject({ isHeld: false, hasWaited: false });
  });
});
