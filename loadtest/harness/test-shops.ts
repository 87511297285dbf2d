import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { endPolitely } from "./end-politely.ts";
import { endWithTests } from "./end-with-tests.ts";
import { clientOf } from "./shop-client.ts";
import { type ShopProcess, startShop } from "./shop-process.ts";

export interface Shop extends ShopProcess {
  readonly client: ReturnType<typeof clientOf>;
  /** This process's cache at `GET /cache`. */
  readonly cache: () => Promise<CacheState>;
}

/** As far as these tests look into it. */
export interface CacheState {
  readonly l1: { hits: number; misses: number; flushes: number };
  readonly l2: {
    kind: string;
    usable: boolean;
    hits: number;
    misses: number;
    errors: number;
    writes: number;
  };
  readonly loads: number;
  readonly load_errors: number;
  readonly collapsed_loads: number;
}

export interface Launcher extends Shop {
  readonly dataDir: string;
  /** Services that the launcher has started beside the server, as it notes them for sharing. */
  readonly services: Services;
  /** The same as they are now: one that died was started again. */
  readonly readServices: () => Promise<Services>;
}

export interface Services {
  readonly engine: { readonly pid: number; readonly endpoint: string };
  readonly redis?: { readonly pid: number; readonly url: string };
  readonly limits?: { readonly pid: number; readonly endpoint: string };
}

/** Starts a shop with a database of its own, and with a Redis of its own unless the environment names one. */
export const launchShop = async (environment: Record<string, string> = {}): Promise<Launcher> => {
  const dir = await newDataDir();
  const shop = await open({ ...environment, DATA_DIR: dir });
  const readServices = async (): Promise<Services> =>
    JSON.parse(await readFile(join(dir, "owner.json"), "utf8"));
  return { ...shop, dataDir: dir, services: await readServices(), readServices };
};

/** Starts another process on the database of a launcher and on a Redis. */
export const joinShop = async (
  { services }: Launcher,
  redisUrl: string,
  environment: Record<string, string> = {},
): Promise<Shop> => {
  const { endpoint } = services.engine;
  const shared = { DYNAMODB_ENDPOINT: endpoint, REDIS_URL: redisUrl };
  return open({ ...environment, ...shared, DATA_DIR: await newDataDir() });
};

/** Milliseconds until a process uses Redis, as it says itself. */
export const untilRedisIsUsed = async ({ cache }: Shop, timeout = 60_000): Promise<number> => {
  const startedAt = performance.now();
  await vi.waitFor(async () => expect((await cache()).l2).toMatchObject({ kind: "redis", usable: true }), {
    timeout,
    interval: 10,
  });
  return performance.now() - startedAt;
};

const open = async (environment: Record<string, string>): Promise<Shop> => {
  const shop = await startShop({ LOG_LEVEL: "WARN", ...environment });
  endWithTests(() => endPolitely(shop)); // A launcher then ends what it has started.
  const client = clientOf(shop.url);
  return { ...shop, client, cache: async () => (await client.get("/cache")).body as CacheState };
};

const newDataDir = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-system-"));
  endWithTests(() => rm(dir, { recursive: true, force: true }));
  return dir;
};
