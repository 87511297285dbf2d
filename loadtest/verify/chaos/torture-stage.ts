import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { type LimitCounts, readLimits } from "../../experiments/limit-counts.ts";
import type { ChildService } from "../../harness/child-service.ts";
import { startEngine, startRedisIfInstalled } from "../../harness/engine-and-redis.ts";
import { startLimitsAsSet } from "../../harness/limits-layer.ts";
import { type ShopProcess, startShop } from "../../harness/shop-process.ts";
import { type FaultProxy, openProxy } from "../proxy/fault-proxy.ts";
import { DYNAMODB_TIMEOUT_MS } from "./torture-faults.ts";

/** Short times, so that what a kill leaves open is settled within seconds. */
const ENVIRONMENT = {
  LOG_LEVEL: "WARN",
  DYNAMODB_TIMEOUT_MS: String(DYNAMODB_TIMEOUT_MS),
  PAYMENT_TIMEOUT_MS: "250",
  PAYMENT_LATENCY_MS: "10",
  PAYMENT_SETTLE_LIMIT_MS: "4000",
  // Longer than payment is away; charges of some shoppers' test methods fail for ever.
  PAYMENT_DEFERRED_LIMIT_MS: "15000",
  REQUEST_DEADLINE_MS: String(DYNAMODB_TIMEOUT_MS + 400),
  FULFILMENT_GRACE_MS: "1000",
  RECOVERY_INTERVAL_MS: "200",
  FAULTS: "on",
  // The stage has a layer of its own, which outlives the shop.
  DYNAMODB_LIMITS: "",
};

/** A life is over after a handful of charges: with the usual number of failures, no circuit of payment would open in one. */
const ACCEPTING = { PAYMENT_OUTAGE: "accept", CIRCUIT_FAILURES: "3" };

/** Of DynamoDB's capacities, so that two dozen shoppers meet its throttles, too. */
const LIMITS_SCALE = 0.1;

/** Ended from outside, the run still takes down what it has set up. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** A shop with a database and a Redis of its own behind proxies. */
export interface Stage {
  readonly engine: ChildService;
  readonly endpoint: string;
  readonly dynamodb: FaultProxy;
  readonly redis: FaultProxy | undefined;
  /** Where Redis itself listens, behind the proxy. */
  readonly redisPort: number | undefined;
  /** Counts of the calls that DynamoDB's limits let through and refused; undefined without the layer. */
  readonly limitsMet: () => Promise<LimitCounts | undefined>;
  /** Starts the shop on the same data directory as always; every second time, one that takes orders while payment is away. */
  readonly open: () => Promise<ShopProcess>;
  /** Whether the shop that is open takes orders while payment is away. */
  readonly isAccepting: () => boolean;
  /** `kill -9`, once it is open. @throws Error when it had ended by itself */
  readonly kill: () => Promise<void>;
  /** Ends all processes and connections. */
  readonly close: () => Promise<void>;
}

/** @param dir where the database, the shop's data directory and its log are kept */
export const setStage = async (dir: string, seed: number): Promise<Stage> => {
  const endings: (() => Promise<unknown>)[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= endAll());
  const endAll = async (): Promise<void> => {
    for (const signal of SIGNALS) process.off(signal, closeAndLeave);
    for (const end of endings.splice(0).reverse()) await end();
  };
  const closeAndLeave = (): void => void close().finally(() => process.exit(130));
  for (const signal of SIGNALS) process.once(signal, closeAndLeave);
  try {
    const engine = await startEngine(join(dir, "engine.db"));
    endings.push(engine.stop);
    // Between the engine and the faults: what DynamoDB refuses, it refuses on the far side of the network.
    const limits = await startLimitsAsSet(engine, LIMITS_SCALE);
    if (limits) endings.push(limits.stop);
    const dynamodb = await openProxy({ to: (limits ?? engine).port, seed });
    endings.push(dynamodb.close);
    const redisServer = await startRedisIfInstalled(dir);
    if (redisServer) endings.push(redisServer.stop);
    const redis = redisServer && (await openProxy({ to: redisServer.port, seed: seed + 1 }));
    if (redis) endings.push(redis.close);

    let lives = 0;
    const isAccepting = (): boolean => lives % 2 === 0;
    let starting: Promise<ShopProcess> | undefined;
    const kill = async (): Promise<void> => {
      const shop = await starting?.catch(() => undefined);
      starting = undefined;
      if (!shop) return;
      shop.kill("SIGKILL");
      const end = await shop.exited;
      appendFileSync(join(dir, "shop.log"), shop.output());
      if (end !== "SIGKILL" && !closing) throw new Error(`The shop ended by itself, with ${end}`);
    };
    endings.push(kill);
    const open = (): Promise<ShopProcess> => {
      if (closing) throw new Error("The stage is closed");
      lives += 1;
      starting = startShop({
        ...ENVIRONMENT,
        ...(isAccepting() && ACCEPTING),
        DATA_DIR: join(dir, "data"),
        DYNAMODB_ENDPOINT: `http://127.0.0.1:${dynamodb.port}`,
        ...(redis && { REDIS_URL: `redis://127.0.0.1:${redis.port}` }),
      });
      return starting;
    };
    return {
      engine,
      endpoint: `http://127.0.0.1:${engine.port}`,
      dynamodb,
      redis,
      redisPort: redisServer?.port,
      limitsMet: async () => limits && readLimits(limits.port),
      open,
      isAccepting,
      kill,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};
