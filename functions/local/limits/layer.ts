import { LRUCache } from "lru-cache";
import { openBackend } from "./backend.ts";
import { openIndexes } from "./indexes.ts";
import type { LimitSettings } from "./limits-settings.ts";
import { openOwnTime } from "./own-time.ts";
import type { Answer, ConsumedCapacity, Input, Item } from "./protocol.ts";
import { openStreams } from "./streams.ts";
import { openTables } from "./table-schemas.ts";
import { openTally } from "./tally.ts";
import { openAdmission } from "./throttling.ts";
import { openLocks, openTokens } from "./transactions.ts";

/** Items of tables with indexes as they were last written or read through the layer. */
const MAX_IMAGES = 50_000;

/** The state of the layer, shared by all operations. */
export const openLayer = (settings: LimitSettings) => {
  const { endpoint, rules, scale, heatSeconds = 300, growthSeconds = 1_800, now = Date.now } = settings;
  const backend = openBackend(endpoint);
  const tables = openTables(backend);
  const tally = openTally(now);
  return {
    rules,
    backend,
    tables,
    tally,
    ownTime: openOwnTime(),
    admission: openAdmission(rules.has("partitions"), { scale, heatSeconds, growthSeconds, now }, tally),
    locks: openLocks(),
    tokens: openTokens(now),
    indexes: openIndexes(rules.has("indexes"), now, settings.indexLag),
    streams: openStreams(backend, tables, settings.streams),
    images: new LRUCache<string, { readonly item: Item | undefined }>({ max: MAX_IMAGES }),
  };
};

export type Layer = ReturnType<typeof openLayer>;

const DYNAMODB = "DynamoDB_20120810.";

export interface Forwarded extends Answer {
  /** By table. */
  readonly consumed: readonly ConsumedCapacity[];
}

/** Sends a modelled operation on, asking what it consumed; the answer says so only if the caller asked, too. */
export const forward = async ({ backend }: Layer, operation: string, input: Input): Promise<Forwarded> => {
  const {
    status,
    body,
    engineMs = 0,
  } = await backend.call(DYNAMODB + operation, {
    ...input,
    ReturnConsumedCapacity: "INDEXES",
  });
  const { ConsumedCapacity = [], ...rest } = body;
  const consumed = Array.isArray(ConsumedCapacity) ? ConsumedCapacity : [ConsumedCapacity];
  const isAsked = (input.ReturnConsumedCapacity ?? "NONE") !== "NONE";
  return { status, body: isAsked ? body : rest, consumed, engineMs };
};
