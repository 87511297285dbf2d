import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { leastOf } from "../../loadtest/harness/least-of.ts";
import { outputOf } from "../../loadtest/harness/output-of.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** Far longer than the test: a process that waits for what is in flight does not end in time. */
const PATIENT = { DRAIN_DEADLINE_MS: "120000", REQUEST_DEADLINE_MS: "300000" };

/** A process of its own that serves the shop on the tables of this file. @param close the text of a function */
const serving = async (close = "async () => undefined", environment: Record<string, string> = {}) => {
  const script = `
    import { openShop } from "${join(import.meta.dirname, "../../core/open-shop.ts")}";
    import { run } from "${join(import.meta.dirname, "run-server.ts")}";
    console.log("url " + run(openShop(), ${close}).url);`;
  const child = spawn(process.execPath, ["-e", script], {
    env: { ...process.env, PORT: "0", LOG_LEVEL: "INFO", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const output = outputOf(child);
  const exited = once(child, "close").then(([code]) => code as number | null);
  const url = await vi.waitFor(
    () => {
      const served = /^url (\S+)$/m.exec(output())?.[1];
      if (!served) throw new Error(`It did not serve: ${output()}`);
      return served;
    },
    { timeout: 60_000 },
  );
  return { url, exited, output, signal: (name: NodeJS.Signals) => child.kill(name) };
};

/** A request that does not end by itself for as long as the tests take. */
const keepBusy = async ({ url, output }: Awaited<ReturnType<typeof serving>>): Promise<void> => {
  const body = new ReadableStream({ start: (controller) => controller.enqueue("{") });
  fetch(`${url}/cart/alice/items`, { method: "POST", body }).catch(() => undefined);
  await fetch(`${url}/health`);
  await vi.waitFor(() => expect(output()).toContain("/health"), 30_000);
};

test("once it is healthy it answers searches", async () => {
  const { url } = await serving();
  await vi.waitUntil(async () => (await fetch(`${url}/health`)).ok, { timeout: 30_000, interval: 1 });
  expect((await fetch(`${url}/products/search?q=lamp`)).status).toBe(200);
});

test("told to stop it exits with 0, its metrics published", async () => {
  const shop = await serving();
  await fetch(`${shop.url}/products/1`);
  shop.signal("SIGTERM");
  expect(await shop.exited).toBe(0);
  expect(shop.output()).toContain('"Requests":1');
});

test("a second Ctrl-C does not wait for what is in flight", async () => {
  const took = leastOf(1_000, async () => {
    const shop = await serving(undefined, PATIENT);
    await keepBusy(shop);
    shop.signal("SIGINT");
    await vi.waitFor(() => expect(shop.output()).toContain("draining"), 30_000);
    await sleep(400);
    const askedAt = performance.now();
    shop.signal("SIGINT");
    expect(await shop.exited).toBe(130);
    return performance.now() - askedAt;
  });
  expect(await took).toBeLessThan(1_000);
});

test("one Ctrl-C that arrives twice is one", async () => {
  const shop = await serving();
  await keepBusy(shop);
  shop.signal("SIGINT");
  await vi.waitFor(() => expect(shop.output()).toContain("draining"), { timeout: 30_000, interval: 5 });
  shop.signal("SIGINT");
  expect(await Promise.race([shop.exited, sleep(600)])).toBeUndefined();
});

test("a stop that fails still ends it, with 1, and says why", async () => {
  const shop = await serving('async () => { throw new Error("the disk is gone"); }');
  await fetch(`${shop.url}/products/1`);
  shop.signal("SIGTERM");
  expect(await shop.exited).toBe(1);
  expect(shop.output()).toMatch(/"level":"ERROR","message":"stopping failed".*the disk is gone/);
  expect(shop.output()).toContain('"Requests":1');
});
