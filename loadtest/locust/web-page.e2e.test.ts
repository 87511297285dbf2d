import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../../functions/local/ports.ts";
import { describeWithLocust } from "../harness/describe-with.ts";
import { countIn, newOutputDir, readTimeline, startLocust, timelineSoFar } from "./locust-process.ts";
import { openStandIn } from "./stand-in.ts";

const RATE = 40;
const SECONDS = 8;

/** Locust as it is used with its page; `asked` starts a run as the page's form does. */
const openPage = async (...options: string[]) => {
  const port = await freePort();
  const locust = startLocust(
    "browsing.py",
    "--web-host",
    "127.0.0.1",
    "--web-port",
    String(port),
    ...options,
  );
  const page = `http://127.0.0.1:${port}`;
  const state = async (): Promise<{ state: string; workers?: unknown[] }> => {
    const response = await fetch(`${page}/stats/requests`).catch(() => undefined);
    return response?.ok
      ? ((await response.json()) as { state: string; workers?: unknown[] })
      : { state: "not there" };
  };
  await expect.poll(async () => (await state()).state, { timeout: 60_000 }).not.toBe("not there");
  return {
    ...locust,
    state,
    swarm: (fields: Record<string, string>) =>
      fetch(`${page}/swarm`, {
        method: "POST",
        body: new URLSearchParams({ user_count: "4", spawn_rate: "4", ...fields }),
      }),
    end: () => fetch(`${page}/stop`),
  };
};

describeWithLocust("runs from Locust's own page", () => {
  test("a rate that can't be is refused, and the page goes on", { timeout: 240_000 }, async () => {
    let asked = 0;
    const shop = openStandIn(() => {
      asked += 1;
      return undefined;
    });
    const { kill, ended, output, state, swarm } = await openPage("-H", shop, "-T", "product");
    for (const [rate, shown] of [
      ["-5", "-5.0"],
      ["nan", "nan"],
    ] as const) {
      const asks = async (): Promise<string> => {
        await swarm({ rate }); // Again, as long as Locust is still busy with the one before, and says nothing.
        return output();
      };
      await expect
        .poll(asks, { timeout: 30_000, interval: 500 })
        .toContain(`--rate must be a number >= 0, not '${shown}'`);
    }
    const before = asked;
    await swarm({ rate: String(RATE) });
    await expect.poll(() => asked - before, { timeout: 60_000 }).toBeGreaterThan(RATE);
    await expect.poll(async () => (await state()).state, { timeout: 60_000 }).toBe("running");
    kill("SIGTERM");
    await ended;
  });

  test("unannounced workers share the rate", { timeout: 240_000 }, async () => {
    const timeline = join(await newOutputDir(), "timeline.jsonl");
    const port = String(await freePort());
    const { kill, ended, state, swarm, end } = await openPage(
      ...["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port],
      ...["-H", openStandIn(() => undefined), "-T", "product", "--timeline", timeline],
    );
    const workers = [1, 2].map(() => startLocust("browsing.py", "--worker", "--master-port", port));
    await expect.poll(async () => (await state()).workers?.length, { timeout: 60_000 }).toBe(2);
    await swarm({ rate: String(RATE) });
    const files = [1, 2].map((i) => timeline.replace(".jsonl", `-${i}.jsonl`));
    for (const file of files) {
      await expect
        .poll(async () => (await timelineSoFar(file)).length, { timeout: 120_000, interval: 100 })
        .toBeGreaterThan(1 + SECONDS);
    }
    await end();
    for (const worker of workers) worker.kill("SIGTERM");
    for (const worker of workers) await worker.ended;
    kill("SIGTERM");
    await ended;
    const seconds = (await Promise.all(files.map(readTimeline))).map((all) => all.slice(1, 1 + SECONDS));
    const rate = seconds.reduce((sum, own) => sum + countIn(own, ["ok"]), 0) / SECONDS;
    expect(rate).toBeGreaterThan(0.7 * RATE);
    expect(rate).toBeLessThan(1.4 * RATE);
  });
});
