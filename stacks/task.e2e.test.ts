import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { readConfig } from "../core/config/config.ts";
import { createTables } from "../functions/local/create-tables.ts";
import { freePort } from "../functions/local/ports.ts";
import { outputOf } from "../loadtest/harness/output-of.ts";
import { containerOf, containerVariables, type Deployment, synthesized } from "./testing/stages.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const KEY = "a-key";
const KEY_HASH = createHash("sha256").update(KEY).digest("hex");

/** Starts the server as the task definition has it, but on this machine's database, and on a Redis that is away. */
const startTask = async (deployment: Deployment) => {
  const { DYNAMODB_ENDPOINT = "" } = process.env;
  const variables = containerVariables(deployment);
  const cache = { ...JSON.parse(variables.SST_RESOURCE_Cache ?? ""), host: "127.0.0.1", port: 1 };
  const access = JSON.parse(variables.SST_RESOURCE_Access ?? "");
  const port = await freePort();
  const env = {
    ...variables,
    DYNAMODB_ENDPOINT,
    PORT: `${port}`,
    SST_RESOURCE_Cache: JSON.stringify(cache),
    SST_RESOURCE_Access: JSON.stringify({ ...access, apiKeys: `admin:admin:${KEY_HASH}` }),
  };
  await createTables(readConfig(env));
  const main = join(import.meta.dirname, "../functions/main.ts");
  const child = spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const output = outputOf(child);
  /** The task definition's own health check. */
  const checkHealth = async (): Promise<void> => {
    const [, , flag = "", script = ""] = containerOf(deployment).healthCheck.command as string[];
    await promisify(execFile)(process.execPath, [flag, script.replace("8080", `${port}`)]);
  };
  await vi.waitFor(checkHealth, { timeout: 90_000, interval: 100 }).catch(() => {
    throw new Error(`The task is not healthy:\n${output()}`);
  });
  return { url: `http://127.0.0.1:${port}`, output };
};

const send = async (url: string, path: string, body: object): Promise<number> => {
  const headers = { "content-type": "application/json", "x-api-key": KEY };
  const { status } = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return status;
};

test.each([
  ["personal", 200],
  ["plainProduction", 403],
] as const)("a task of %s serves with the environment that it is given", async (stage, faults) => {
  const { url, output } = await startTask(await synthesized(stage));
  const product = { product_id: 1, sku: "S", manufacturer: "M", category_id: 1, weight: 1, some_other_id: 1 };
  expect(await send(url, "/products/1/details", product)).toBe(204);
  expect((await fetch(`${url}/stats`)).status).toBe(401);
  const response = await fetch(`${url}/products/1`);
  expect(await response.json()).toMatchObject(product);
  expect(await send(url, "/resilience/simulate/payment", { enable: false })).toBe(faults);
  expect(output()).toContain('"route":"GET /products/{productId}"');
});
