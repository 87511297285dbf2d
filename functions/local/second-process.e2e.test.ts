import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { endPolitely } from "../../loadtest/harness/end-politely.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { startShop } from "../../loadtest/harness/shop-process.ts";
import { type Launcher, launchShop } from "../../loadtest/harness/test-shops.ts";
import type { Moment } from "../web/live/history.ts";
import { hasEnded, processesWith, sendSignal } from "./processes.ts";

/** For a machine that is busy: each step takes a second or two on an idle one. */
const PATIENCE = { timeout: 120_000, interval: 100 };
const TIMEOUT_MS = 600_000;

const secondsOf = (dataDir: string): number[] =>
  processesWith((command) => command.includes("second-main.ts") && command.includes(dataDir));

/** The seconds after the given id, by whichever process takes the connection. */
const momentsOf = async (url: string, after = ""): Promise<{ id: string; moments: Moment[] }> => {
  const stop = new AbortController();
  const { signal } = stop;
  const headers = { connection: "close", "accept-encoding": "identity", "last-event-id": after };
  const response = await fetch(`${url}/console/events`, { headers, signal });
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.includes("\n\n")) break;
  }
  stop.abort();
  const [, id = "", data = "[]"] = /^id: (\S+)\n.*\ndata: (.*)\n\n/.exec(text) ?? [];
  return { id, moments: JSON.parse(data) };
};
const latest = async (url: string): Promise<Moment | undefined> => (await momentsOf(url)).moments.at(-1);
const titles = async (url: string): Promise<string[]> =>
  (await momentsOf(url)).moments.flatMap(({ marks }) => marks.map(({ title }) => title));

/** Over a connection of its own, which either process may take. */
const call = (url: string, path: string, body?: object, method = body ? "POST" : "GET"): Promise<Response> =>
  fetch(url + path, {
    method,
    headers: { connection: "close", ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
const act = (url: string, action: string): Promise<Response> =>
  call(url, "/console/actions", { do: "program", program: "second", action });

const startSecond = async ({ url, dataDir }: Launcher): Promise<number> => {
  expect((await act(url, "start")).status).toBe(202);
  await vi.waitFor(async () => {
    const processes = (await latest(url))?.processes ?? [];
    expect(processes.map(({ name, figures }) => [name, figures !== undefined])).toEqual([
      ["first", true],
      ["second", true],
    ]);
  }, PATIENCE);
  return secondsOf(dataDir)[0] ?? 0;
};

describeWithRedis("a second server process", () => {
  test("shares the port, is seen beside the first, and is stopped again", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const shop = await launchShop();
    const { url, dataDir } = shop;
    await vi.waitFor(async () => expect((await latest(url))?.processes).toHaveLength(1), PATIENCE);
    const pid = await startSecond(shop);

    await vi.waitFor(async () => {
      await Promise.all(Array.from({ length: 40 }, () => call(url, "/products/1")));
      const moment = (await latest(url)) as Moment;
      const rates = moment.processes.map(({ figures }) => figures?.requestsPerSecond ?? 0);
      expect(Math.min(...rates)).toBeGreaterThan(0);
      const all = Object.entries(moment.sums).filter(([key]) => key.startsWith("Requests|"));
      const perSecond = all.reduce((sum, [, growth]) => sum + growth, 0) / moment.seconds;
      // The second process's interval differs by a few milliseconds.
      expect(rates.reduce((sum, rate) => sum + rate, 0) / perSecond).toBeCloseTo(1, 0);
      expect(moment.cpu).toBeCloseTo(
        moment.processes.reduce((sum, { figures }) => sum + (figures?.cpu ?? 0), 0),
        2,
      );
    }, PATIENCE);

    const { user_id: guest, cart_token: token } = (await (await call(url, "/guests", {})).json()) as {
      user_id: string;
      cart_token: string;
    };
    const merge = () =>
      fetch(`${url}/cart/ann/merge`, {
        method: "POST",
        headers: { connection: "close", "x-cart-token": token },
      });
    const statuses: number[] = [];
    for (let turn = 0; turn < 16; turn++) statuses.push((await merge()).status);
    expect(guest).toMatch(/^guest-/);
    expect(statuses).toContain(200);
    expect(statuses).not.toContain(400); // As it would be for a token that a process did not sign.

    expect((await call(url, "/resilience/simulate/payment", { enable: true, ttl_secs: 60 })).status).toBe(
      200,
    );
    expect((await call(url, "/cache", { mode: "off" }, "PUT")).status).toBe(200);
    await vi.waitFor(async () => {
      for (const { figures } of (await latest(url))?.processes ?? []) {
        expect(figures).toMatchObject({ broken: ["payment"], cacheMode: "off" });
      }
    }, PATIENCE);

    sendSignal(pid, "SIGKILL");
    // Before that, the system still gives it connections.
    await vi.waitFor(() => expect(hasEnded(pid)).toBe(true), PATIENCE);
    expect((await call(url, "/products/1")).status).toBe(200);
    await vi.waitFor(async () => {
      expect((await titles(url)).filter((title) => title.startsWith("second process"))).toEqual([
        "second process serves",
        "second process gone",
        "second process serves",
      ]);
    }, PATIENCE);
    await vi.waitFor(async () => {
      const settings = (await latest(url))?.processes.map(({ figures }) => figures?.cacheMode);
      expect(settings).toEqual(["off", "off"]);
    }, PATIENCE);

    expect((await act(url, "stop")).status).toBe(202);
    await vi.waitFor(() => expect(secondsOf(dataDir)).toEqual([]), PATIENCE);
    await vi.waitFor(async () => expect((await latest(url))?.processes).toHaveLength(1), PATIENCE);
    for (const action of ["kill", "freeze", "stop"]) {
      const refusal = await act(url, action);
      expect([action, refusal.status]).toEqual([action, 409]);
      expect(await refusal.json()).toMatchObject({ error: "NOTHING_TO_DO" });
    }

    await startSecond(shop);
    expect(await titles(url)).not.toContain("kill second process");
    await endPolitely(shop);
    expect(secondsOf(dataDir)).toEqual([]);
  });

  test("outlives a first one that is killed, with the same history", { timeout: TIMEOUT_MS }, async () => {
    const shop = await launchShop();
    const { url, dataDir } = shop;
    const pid = await startSecond(shop);
    const before = await momentsOf(url);

    shop.kill("SIGKILL");
    await shop.exited;
    await vi.waitFor(async () => expect(await titles(url)).toContain("first process gone"), PATIENCE);
    expect((await call(url, "/products/1")).status).toBe(200);
    const { id, moments } = await momentsOf(url, before.id);
    expect(id.split("-")[0]).toBe(before.id.split("-")[0]);
    expect(moments[0]?.id).toBe((before.moments.at(-1)?.id ?? 0) + 1);
    expect(moments.at(-1)?.processes).toMatchObject([
      { name: "first", state: "down" },
      { name: "second", state: "up" },
    ]);
    expect(await (await act(url, "kill")).json()).toMatchObject({ error: "LAUNCHER_GONE" });

    const again = await startShop({ DATA_DIR: dataDir });
    endWithTests(() => endPolitely(again));
    expect(secondsOf(dataDir)).not.toContain(pid);
    expect((await call(again.url, "/products/1")).status).toBe(200);
    await endPolitely(again);
  });
});

test("without Redis, it is refused and says why", { timeout: TIMEOUT_MS }, async () => {
  const path = await mkdtemp(join(tmpdir(), "stampede-path-"));
  endWithTests(() => rm(path, { recursive: true }));
  await symlink("/bin/ps", join(path, "ps")); // All that a launcher needs, and no redis-server.
  const { url, dataDir } = await launchShop({ PATH: path });
  const answer = await act(url, "start");
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({
    error: "REDIS_NEEDED",
    message: expect.stringContaining("Install redis-server or set REDIS_URL"),
  });
  expect(secondsOf(dataDir)).toEqual([]);
});
