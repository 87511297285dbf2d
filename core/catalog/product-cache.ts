import type { Logger } from "@aws-lambda-powertools/logger";
import { openHotKeys } from "../cache/hot-keys.ts";
import { openL1 } from "../cache/l1.ts";
import type { L2 } from "../cache/l2.ts";
import { openProcessL2 } from "../cache/l2-process.ts";
import { openRedisL2 } from "../cache/l2-redis.ts";
import type { Lifetime } from "../cache/lifetime.ts";
import { openTieredCache } from "../cache/tiered-cache.ts";
import type { Config } from "../config/config.ts";
import { type Bus, openLocalBus } from "../redis/bus.ts";
import { type DroppedInput, openDroppedInput } from "../redis/dropped-input.ts";
import { openRedisBus, type RedisBus } from "../redis/redis-bus.ts";
import { type AskRedis, openRedis, openSubscriber, type RedisSettings } from "../redis/redis-client.ts";
import { openRedisPolicy, type RedisPolicy } from "../redis/redis-policy.ts";
import type { Resilience } from "../resilience/resilience.ts";
import type { Database } from "../storage/database.ts";
import type { MetricRecorder } from "../telemetry/recorder.ts";
import { publishCacheMetrics } from "./cache-metrics.ts";
import { parseCachedProduct } from "./cached-product.ts";
import { openHotBoard } from "./hot-board.ts";
import { openPins } from "./pins.ts";
import type { Product } from "./product.ts";
import { openProductLoader } from "./product-loader.ts";

/** Factor by which an entry outlives its soft lifetime when it can't be refreshed. */
const HARD_FACTOR = 10;

/** Factor by which a pinned product stays fresh longer than others. */
const PINNED_FACTOR = 10;

const DECAY_MS = 10_000;

export interface ProductCacheOptions {
  readonly config: Config;
  readonly db: Database;
  readonly log: Logger;
  readonly metrics: MetricRecorder;
  readonly resilience: Resilience;
  readonly now: () => number;
}

export type ProductCache = ReturnType<typeof openProductCache>;

/** The cache of products, with what belongs to it: hot keys, pins, and the connections to Redis. */
export const openProductCache = ({ config, db, log, metrics, resilience, now }: ProductCacheOptions) => {
  const loader = openProductLoader(db, config.dynamodb.tables.products);
  const prefix = `${config.dynamodb.tables.products}:`;
  const dropped = openDroppedInput(log, now);
  const { ttl } = config.cache;
  const maxLifetime = 2 * HARD_FACTOR * PINNED_FACTOR * ttl;
  // Without Redis as well: its faults can be tried out on the tier that stands in for it.
  const policy = openRedisPolicy(resilience, config.redis?.commandTimeout ?? 100);
  const shared = config.redis
    ? openShared(config.redis, prefix, { log, now, policy, dropped, maxLifetime })
    : openAlone(config.cache.memoryBytes, now);
  const hot = openHotKeys();
  const pins = openPins({ redis: shared.commands, bus: shared.bus, prefix, now, dropped });
  const lifetimeOf = (id: number): Lifetime => {
    const soft = pins.isPinned(id) ? PINNED_FACTOR * ttl : ttl;
    return { soft, hard: HARD_FACTOR * soft };
  };
  let lastError = 0;
  const l1 = openL1<Product>(config.cache.memoryBytes, now);
  const cache = openTieredCache<Product>({
    l1,
    l2: shared.l2,
    l2Policy: policy,
    bus: shared.bus,
    ...loader,
    mode: config.cache.mode,
    lifetimeOf,
    now,
    onRead: hot.touch,
    onLatency: (tier, ms) => metrics.observe("CacheLatency", ms, tier),
    onL2Error: (error) => {
      // Every request may meet the same trouble: one line a second says enough.
      if (now() - lastError < 1_000) return;
      lastError = now();
      log.warn("the second cache tier failed; going on without it", error as Error);
    },
  });
  publishCacheMetrics(metrics, cache, shared.bus, dropped.counts);
  // Warmed in every process: a pin is published on the bus.
  pins.onPinned((id) => void cache.read(id).catch(() => undefined));
  const board = openHotBoard({ redis: shared.commands, prefix, hot, interval: DECAY_MS, dropped });
  const decaying = setInterval(() => {
    board.contribute().catch(() => undefined); // Lost counts cost a little warmth later, nothing else.
    hot.decay();
    cache.keepFresh(pins.ids(), 2 * DECAY_MS);
  }, DECAY_MS);
  decaying.unref?.();

  return {
    cache,
    hot,
    pins,
    board,
    bus: shared.bus,
    /** Whether the second tier is in use. Only looks: `cache.l2.isUsable` lets the circuit's probe through. */
    isL2InUse: (): boolean => shared.l2.isUsable() && resilience.circuits.redis.state() !== "open",
    redis: shared.commands,
    askRedis: shared.ask,
    prefix,
    dropped,
    /** Whether Redis answers; undefined where there is none. */
    isRedisUp: shared.isUp,
    loadAlone: loader.loadAlone,
    close: async (): Promise<void> => {
      clearInterval(decaying);
      pins.close();
      l1.close();
      await shared.close();
    },
  };
};

export interface Shared {
  readonly l2: L2<Product>;
  readonly bus: Bus;
  readonly commands: ReturnType<typeof openRedis> | undefined;
  readonly ask: AskRedis;
  readonly isUp: (() => boolean) | undefined;
  readonly close: () => Promise<void>;
}

interface SharedOptions extends Pick<ProductCacheOptions, "log" | "now"> {
  readonly policy: RedisPolicy;
  readonly dropped: DroppedInput;
  readonly maxLifetime: number;
}

const openShared = (
  settings: RedisSettings,
  prefix: string,
  { log, now, policy, dropped, maxLifetime }: SharedOptions,
): Shared => {
  const commands = openRedis(settings);
  const subscriber = openSubscriber(settings);
  const channel = `${prefix}bus`;
  const onState = (state: "up" | "down"): void =>
    state === "up"
      ? log.info("redis is up")
      : log.warn("redis is away; products come from memory and DynamoDB");
  const bus: RedisBus = openRedisBus({
    commands,
    subscriber,
    channel,
    now,
    onState,
    onBeat: policy.watch,
    onDropped: dropped.message,
  });
  policy.probeBy(() => commands.ping(), bus.patience);
  const l2 = openRedisL2<Product>({
    client: commands,
    bus,
    prefix,
    channel,
    commandTimeout: settings.commandTimeout,
    now,
    parseValue: parseCachedProduct,
    maxLifetime,
    onUntrusted: dropped.value,
  });
  return {
    l2,
    bus,
    commands,
    ask: (call) => policy.execute(() => bus.patience.within(call(), settings.commandTimeout)),
    isUp: bus.isUp,
    close: async () => {
      bus.close();
      await l2.close();
    },
  };
};

const openAlone = (maxBytes: number, now: () => number): Shared => ({
  l2: openProcessL2<Product>(maxBytes, now),
  bus: openLocalBus(),
  commands: undefined,
  ask: (call) => call(),
  isUp: undefined,
  close: async () => undefined,
});
