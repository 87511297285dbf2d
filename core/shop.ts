import type { Logger } from "@aws-lambda-powertools/logger";
import { openProductCache, type ProductCache } from "./catalog/product-cache.ts";
import { openSearchIndex, type SearchIndex } from "./catalog/search-index.ts";
import { type Config, readConfig } from "./config.ts";
import type { PaymentGateway } from "./payment/gateway.ts";
import { openSimulatedGateway } from "./payment/simulated-gateway.ts";
import { type Database, openDatabase } from "./storage/database.ts";
import type { TableNames } from "./tables.ts";
import { openLogger } from "./telemetry/logger.ts";
import { type MetricRecorder, openRecorder } from "./telemetry/recorder.ts";

/** Everything an operation of the shop works with. */
export interface Shop {
  readonly config: Config;
  readonly tables: TableNames;
  readonly db: Database;
  readonly payment: PaymentGateway;
  readonly products: ProductCache;
  readonly search: SearchIndex;
  readonly metrics: MetricRecorder;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly startedAt: number;
}

/** The composition root: wires the adapters to the ports. */
export const openShop = (config: Config = readConfig(), now: () => number = Date.now): Shop => {
  const { tables } = config.dynamodb;
  const metrics = openRecorder();
  const db = openDatabase(config, metrics);
  const log = openLogger(config);
  return {
    config,
    tables,
    db,
    payment: openSimulatedGateway({
      db,
      table: tables.charges,
      latency: config.payment.latency,
      now,
    }),
    products: openProductCache({ config, db, log, metrics, now }),
    search: openSearchIndex(),
    metrics,
    log,
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
