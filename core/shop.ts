import type { Logger } from "@aws-lambda-powertools/logger";
import { openProductCache, type ProductCache } from "./catalog/product-cache.ts";
import { openSearch, type Search } from "./catalog/search-build.ts";
import { type Config, readConfig } from "./config/config.ts";
import type { PaymentGateway } from "./payment/gateway.ts";
import { guardGateway, isPaymentFailure } from "./payment/guarded-gateway.ts";
import { openSimulatedGateway } from "./payment/simulated-gateway.ts";
import { isRedisFailure } from "./redis/redis-client.ts";
import { type FaultSharing, openFaultSharing } from "./resilience/fault-sharing.ts";
import { openResilience, type Resilience } from "./resilience/resilience.ts";
import { openSoldOut, type SoldOut } from "./stock/sold-out.ts";
import { type Database, openDatabase } from "./storage/database.ts";
import { isStorageFailure } from "./storage/storage-error.ts";
import type { TableNames } from "./tables.ts";
import { type AccessLog, openAccessLog } from "./telemetry/access-log.ts";
import { openLogger } from "./telemetry/logger.ts";
import { type MetricRecorder, openRecorder } from "./telemetry/recorder.ts";

/** Everything an operation of the shop works with. */
export interface Shop {
  readonly config: Config;
  readonly tables: TableNames;
  readonly db: Database;
  readonly payment: PaymentGateway;
  readonly products: ProductCache;
  readonly search: Search;
  readonly soldOut: SoldOut;
  readonly resilience: Resilience;
  readonly faultSharing: FaultSharing;
  readonly metrics: MetricRecorder;
  readonly log: Logger;
  readonly accessLog: AccessLog;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly startedAt: number;
}

/** The composition root: wires the adapters to the ports. */
export const openShop = (config: Config = readConfig(), now: () => number = Date.now): Shop => {
  const { tables } = config.dynamodb;
  const metrics = openRecorder(config.telemetry.metricsNamespace);
  const log = openLogger(config);
  const resilience = openResilience({
    isOn: config.resilienceEnabled,
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
  return {
    config,
    tables,
    db,
    payment: guardGateway(
      openSimulatedGateway({ db, table: tables.charges, latency: config.payment.latency, now }),
      resilience,
      config.payment.timeout,
    ),
    resilience,
    products,
    faultSharing: openFaultSharing({ faults, ...products, now }),
    search: openSearch(),
    soldOut: openSoldOut(now),
    metrics,
    log,
    accessLog: openAccessLog(log),
    now,
    startedAt: now(),
  };
};

let opened: Shop | undefined;

/** The shop of this process, opened at first use: a Lambda opens it in its first invocation. */
export const theShop = (): Shop => {
  opened ??= openShop();
  return opened;
};
