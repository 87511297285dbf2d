import { openAccess } from "./access/access.ts";
import { openLastCarts } from "./cart/last-carts.ts";
import { openProductCache } from "./catalog/product-cache.ts";
import { openSearch } from "./catalog/search-state.ts";
import { type Config, readConfig } from "./config/config.ts";
import { openDeferred } from "./order/deferred.ts";
import { settleOnReturn } from "./order/settle-on-return.ts";
import { guardGateway, isPaymentFailure } from "./payment/guarded-gateway.ts";
import { openGateway } from "./payment/open-gateway.ts";
import { openRateLimiter } from "./rate-limit/rate-limiter.ts";
import { openTakeShared } from "./rate-limit/shared-buckets.ts";
import { isRedisFailure } from "./redis/redis-client.ts";
import { shareOpenCircuits } from "./resilience/circuit-sharing.ts";
import { openFaultSharing } from "./resilience/fault-sharing.ts";
import { openResilience } from "./resilience/resilience.ts";
import type { Shop } from "./shop.ts";
import { openGroupCommit } from "./stock/group-commit.ts";
import { openSharding } from "./stock/sharding.ts";
import { openSoldOut } from "./stock/sold-out.ts";
import { openTurns } from "./stock/turns.ts";
import { openDatabase } from "./storage/database.ts";
import { isStorageFailure } from "./storage/storage-error.ts";
import { openAccessLog } from "./telemetry/access-log.ts";
import { openLogger } from "./telemetry/logger.ts";
import { openRecorder } from "./telemetry/recorder.ts";
import { openTracing } from "./tracing/tracing.ts";

/** The composition root: wires the adapters to the ports. */
export const openShop = (config: Config = readConfig(), now: () => number = Date.now): Shop => {
  const { tables } = config.dynamodb;
  const metrics = openRecorder(config.telemetry.metricsNamespace);
  const log = openLogger(config);
  const resilience = openResilience({
    mode: config.resilience,
    objectives: config.objectives,
    faultsEnabled: config.faultsEnabled,
    circuit: config.circuit,
    metrics,
    log,
    now,
    isFailure: { dynamodb: isStorageFailure, redis: isRedisFailure, payment: isPaymentFailure },
  });
  const db = openDatabase(config, metrics, resilience, log);
  const products = openProductCache({ config, db, log, metrics, resilience, now });
  const { circuits, faults } = resilience;
  products.bus.onMessage((message) => {
    if (message.type === "reset") circuits[message.service].reset();
  });
  shareOpenCircuits(resilience, products.bus);
  const stock = openGroupCommit(
    { config, tables, db },
    products.redis && openTurns(products.redis, products.prefix, products.askRedis),
  );
  const shop: Shop = {
    config,
    access: openAccess(config.access, log, now),
    rateLimiter: config.rateLimits.isOn
      ? openRateLimiter(
          now,
          products.redis && openTakeShared(products.redis, products.prefix, products.askRedis),
          products.isRedisUp,
        )
      : undefined,
    tables,
    db,
    deferred: openDeferred(config.payment.deferred),
    payment: guardGateway(
      openGateway({ settings: config.payment, db, table: tables.charges, log, now }),
      resilience,
      metrics,
      config.payment.timeout,
    ),
    resilience,
    products,
    faultSharing: openFaultSharing({ faults, ...products, now }),
    search: openSearch(),
    soldOut: openSoldOut(now),
    lastCarts: openLastCarts(now),
    stock,
    sharding: openSharding({ db, tables, stock, metrics, log, now, maxShards: config.stock.maxShards }),
    metrics,
    log,
    accessLog: openAccessLog(log),
    tracing: openTracing(config.tracing, log),
    now,
    startedAt: now(),
  };
  settleOnReturn(shop);
  return shop;
};
