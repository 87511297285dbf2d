import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readConfig } from "../../core/config/config.ts";
import { openBalancer } from "../../loadtest/harness/balancer.ts";
import { type Program, startServer } from "../../loadtest/harness/server-process.ts";
import { createTables } from "./create-tables.ts";
import { freePort } from "./ports.ts";

const servers: Program[] = [];
let url: string;

/** Two tasks of different releases behind a balancer, as in the middle of a deployment. */
beforeAll(async () => {
  const environment = { ...process.env, TABLE_PREFIX: "deployed-" };
  await createTables(readConfig(environment));
  for (const RELEASE of ["old", "new"]) servers.push(await startServer({ ...environment, RELEASE }));
  const balancer = await openBalancer();
  const urls = servers.map((server) => server.url);
  balancer.setTargets(urls);
  await vi.waitFor(() => expect(balancer.healthy()).toHaveLength(2), { timeout: 20_000 });
  url = balancer.url;
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

interface Ended {
  readonly code?: number;
  readonly stdout: string;
  readonly stderr: string;
}

const deployed = async (...args: string[]): Promise<Ended> =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, "deployed-command.ts"), ...args]).catch(
    (ended: Ended) => ended,
  );

test("says that the release is deployed when every answer comes from it", async () => {
  const { code, stdout } = await deployed("--url", servers[0]?.url ?? "", "--release", "old");
  expect(code).toBeUndefined();
  expect(stdout).toBe("old answered 48 requests\nold is deployed.\n");
});

test("fails, and names the releases that run, while one task still has the old one", async () => {
  const { code, stdout, stderr } = await deployed("--url", url, "--release", "new");
  expect(code).toBe(1);
  expect(stdout).toMatch(/^old answered \d+ requests$/m);
  expect(stdout).toMatch(/^new answered \d+ requests$/m);
  expect(stderr).toContain("Expected was new, and nothing else");
});

test("expects the commit that is checked out, and asks again for the given time", async () => {
  const started = Date.now();
  const { code, stderr } = await deployed("--url", servers[1]?.url ?? "", "--wait", "2");
  expect(code).toBe(1);
  expect(stderr).toMatch(/Expected was [0-9a-f]{40}, /);
  expect(Date.now() - started).toBeGreaterThanOrEqual(2_000);
});

test("waits until the release has been the only one for the given time", async () => {
  const one = servers[0]?.url ?? "";
  const started = Date.now();
  const { code } = await deployed("--url", one, "--release", "old", "--wait", "60", "--steady", "2");
  expect(code).toBeUndefined();
  expect(Date.now() - started).toBeGreaterThanOrEqual(2_000);
  const mixed = await deployed("--url", url, "--release", "new", "--wait", "2", "--steady", "2");
  expect(mixed.code).toBe(1);
});

test("a shop that does not answer is no deployment", async () => {
  const { code, stdout } = await deployed(
    "--url",
    `http://127.0.0.1:${await freePort()}`,
    "--release",
    "new",
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/^48 requests failed: /);
});

test("a wrong call gets the usage", async () => {
  for (const args of [
    [],
    ["--url", "shop"],
    ["--url", "http://shop", "--wait", "long"],
    ["--url", "http://shop", "--steady", "9"],
    ["--what"],
  ]) {
    const { code, stderr } = await deployed(...args);
    expect(code).toBe(64);
    expect(stderr).toContain("Usage: npm run deployed");
  }
});
