import type { Logger } from "@aws-lambda-powertools/logger";
import type { Access } from "./access/access.ts";
import type { LastCarts } from "./cart/last-carts.ts";
import type { ProductCache } from "./catalog/product-cache.ts";
import type { Search } from "./catalog/search-state.ts";
import type { Config } from "./config/config.ts";
import type { Deferred } from "./order/deferred.ts";
import type { GuardedGateway } from "./payment/guarded-gateway.ts";
import type { RateLimiter } from "./rate-limit/rate-limiter.ts";
import type { FaultSharing } from "./resilience/fault-sharing.ts";
import type { Resilience } from "./resilience/resilience.ts";
import type { GroupCommit } from "./stock/group-commit.ts";
import type { Sharding } from "./stock/sharding.ts";
import type { SoldOut } from "./stock/sold-out.ts";
import type { Database } from "./storage/database.ts";
import type { TableNames } from "./tables.ts";
import type { AccessLog } from "./telemetry/access-log.ts";
import type { MetricRecorder } from "./telemetry/recorder.ts";
import type { Tracing } from "./tracing/tracing.ts";

/** Everything an operation of the shop works with. */
export interface Shop {
  readonly config: Config;
  readonly access: Access;
  /** Absent where requests are not limited. */
  readonly rateLimiter: RateLimiter | undefined;
  readonly tables: TableNames;
  readonly db: Database;
  readonly payment: GuardedGateway;
  readonly deferred: Deferred;
  readonly products: ProductCache;
  readonly search: Search;
  readonly soldOut: SoldOut;
  readonly lastCarts: LastCarts;
  readonly stock: GroupCommit;
  readonly sharding: Sharding;
  readonly resilience: Resilience;
  readonly faultSharing: FaultSharing;
  readonly metrics: MetricRecorder;
  readonly log: Logger;
  readonly accessLog: AccessLog;
  /** Absent where tracing is off. */
  readonly tracing: Tracing | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly startedAt: number;
}
