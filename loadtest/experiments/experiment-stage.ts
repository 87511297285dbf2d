import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ChildService } from "../harness/child-service.ts";
import { endPolitely } from "../harness/end-politely.ts";
import { startEngine, startRedisIfInstalled } from "../harness/engine-and-redis.ts";
import { startLimitsAsSet } from "../harness/limits-layer.ts";
import { type Program, startServer } from "../harness/server-process.ts";
import { startShop } from "../harness/shop-process.ts";
import { type FaultProxy, openProxy } from "../verify/proxy/fault-proxy.ts";
import { type Lab, pause } from "./lab.ts";
import { type Api, openApi } from "./lab-api.ts";
import { ALL_KEYS, countsBetween, readLimits } from "./limit-counts.ts";
import { shellLeftOut } from "./shell.ts";

const READY_TIMEOUT_MS = 60_000;
/** At once after that, as with a database that hangs. */
const PATIENCE_MS = 5_000;

/** For all servers on a stage. Short times, so that what a fault leaves open is settled within seconds. */
const ENVIRONMENT = {
  LOG_LEVEL: "ERROR",
  FAULTS: "on",
  DRAIN_DEADLINE_MS: "2000",
  RECOVERY_INTERVAL_MS: "500",
  PAYMENT_SETTLE_LIMIT_MS: "20000",
};

/** Services on a stage of our own beside the servers. */
export interface Backstage {
  /** Between the servers and the database, where it was asked for. */
  readonly proxy?: FaultProxy;
  readonly engine: ChildService;
  readonly endpoint: string;
  readonly redis: ChildService;
  /** DynamoDB's limits in front of the engine, unless they are off. */
  readonly limits?: ChildService | undefined;
}

/** Where an experiment takes place. */
export interface Stage {
  readonly urls: readonly [string, ...string[]];
  /** Of each server. */
  readonly apis: readonly [Api, ...Api[]];
  /** Undefined where somebody else's shop is measured. */
  readonly backstage?: Backstage;
  /** Process ids by name, of those that run now. */
  readonly pids: () => Readonly<Record<string, number>>;
  readonly close: () => Promise<void>;
}

export interface StageOptions {
  readonly products: number;
  readonly servers?: number;
  /** Whether connections to the database are to be broken. */
  readonly hasProxy?: boolean;
  readonly environment?: Record<string, string>;
  /** Puts DynamoDB's limits in front of the database, at this scale unless the shell says otherwise. */
  readonly limitsScale?: number;
}

/** A shop with a database and a Redis of its own, or the one that `--url` names. */
export const setStage = async (lab: Lab, options: StageOptions): Promise<Stage> => {
  const { url, adminToken } = lab.options;
  if (url) {
    const close = async (): Promise<void> => undefined;
    return { urls: [url], apis: [openApi(url, adminToken)], pids: () => ({}), close };
  }
  const endings: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    const dir = await mkdtemp(join(lab.workDir, "stage-"));
    endings.push(() => rm(dir, { recursive: true, force: true }));
    const engine = await startEngine(await lab.catalogues.copyTo(dir, options.products));
    endings.push(engine.stop);
    const limits = await startLimitsAsSet(engine, options.limitsScale);
    if (limits) endings.push(limits.stop);
    const redis = await startRedisIfInstalled(dir);
    if (!redis) throw new Error("redis-server is missing: apt-get install redis-server");
    endings.push(redis.stop);
    const proxy = options.hasProxy ? await openProxy({ to: (limits ?? engine).port }) : undefined;
    if (proxy) endings.push(proxy.close);
    const endpoint = `http://127.0.0.1:${engine.port}`;
    const backstage = { engine, redis, limits, endpoint, ...(proxy && { proxy }) };

    const environment = {
      ...shellLeftOut(),
      ...ENVIRONMENT,
      DYNAMODB_ENDPOINT: `http://127.0.0.1:${(proxy ?? limits ?? engine).port}`,
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      ...options.environment,
    };
    const servers: Program[] = [];
    for (let n = 0; n < (options.servers ?? 1); n++) {
      const dataDir = join(dir, `server-${n + 1}`);
      await mkdir(dataDir);
      // The first one also fulfils orders and settles payments, as functions do on AWS.
      const server = await (n === 0 ? openShop : openServer)({ ...environment, DATA_DIR: dataDir });
      endings.push(() => server.stop(PATIENCE_MS));
      servers.push(server);
    }
    const [first, ...others] = servers;
    if (!first) throw new RangeError("A stage needs a server");
    const stage: Stage = {
      urls: [first.url, ...others.map(({ url }) => url)],
      apis: [openApi(first.url), ...others.map(({ url }) => openApi(url))],
      backstage,
      pids: () => pidsOf(servers, backstage),
      close,
    };
    await untilReady(lab, stage);
    if (limits) endings.push(await countLimits(lab, limits));
    return stage;
  } catch (error) {
    await close();
    throw error;
  }
};

const openShop = async (environment: Record<string, string>): Promise<Program> => {
  const shop = await startShop(environment);
  return { ...shop, stop: async (patienceMs) => void (await endPolitely(shop, patienceMs)) };
};

const openServer = (environment: Record<string, string>): Promise<Program> =>
  startServer({ ...process.env, ...environment });

const pidsOf = (
  servers: readonly Program[],
  { engine, redis, limits }: Backstage,
): Record<string, number> => {
  const named = servers.map(({ pid }, n) => [`server ${n + 1}`, pid]);
  return Object.fromEntries(
    [
      ...named,
      ["DynamoDB", engine.pid()],
      ["DynamoDB's limits", limits?.pid()],
      ["Redis", redis.pid()],
    ].filter(([, pid]) => pid !== undefined),
  );
};

/** Counts from now on. @returns the end of it, which notes the counts for the report */
const countLimits = async (lab: Lab, limits: ChildService): Promise<() => Promise<void>> => {
  const before = await readLimits(limits.port, ALL_KEYS);
  return async () => {
    const after = await readLimits(limits.port, ALL_KEYS).catch(() => undefined);
    if (after) lab.limitCounts.push(countsBetween(before, after));
  };
};

/** Waits until every server is healthy and its search index is built: building it takes a core for a while. */
const untilReady = async (lab: Lab, { apis }: Stage): Promise<void> => {
  for (const api of apis) {
    for (const giveUpAt = Date.now() + READY_TIMEOUT_MS; ; await pause(lab, 0.1)) {
      const health = await api.get("/health").catch(() => undefined);
      if (health?.search === "ready" && health.redis === "up") break;
      if (Date.now() > giveUpAt) throw new Error(`A server did not become ready: ${JSON.stringify(health)}`);
    }
  }
};
