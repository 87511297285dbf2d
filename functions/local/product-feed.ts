import { setTimeout as sleep } from "node:timers/promises";
import { type AttributeValue, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  type _Record,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { searchableOf } from "../../core/catalog/search-entry.ts";
import type { SearchIndex } from "../../core/catalog/search-index.ts";
import type { SearchFeed, SearchSource } from "../../core/catalog/search-state.ts";
import type { Shop } from "../../core/shop.ts";
import { generateProduct } from "./catalog-generator.ts";
import { pollingSettings } from "./polling-settings.ts";
import { shardsOf } from "./shards.ts";

/** The stream's own limit for one answer. */
const BATCH_SIZE = 1_000;

/** Writes of this process and, by Redis, of others are in the index at once; the stream is for the rest. */
const POLL_MS = 500;
const RETRY_MS = 1_000;

/**
 * The search index of an embedded database: kept in a file beside it, and fed by the stream of its products
 * table. The engine keeps all records of a stream, so that a position stays good however long the shop is off.
 *
 * @param isSeeded whether the table holds the generated catalogue and nothing was written since
 */
export const openSearchSource = async (
  shop: Shop,
  path: string,
  isSeeded: boolean,
): Promise<SearchSource> => {
  const { catalogSize, dynamodb } = shop.config;
  const streamArn = await streamOf(shop);
  const products = function* () {
    for (let id = 1; id <= catalogSize; id++) yield* searchableOf({ ...generateProduct(id) });
  };
  return {
    // The name of a stream is unique: a table made anew has another one.
    file: { path, table: streamArn },
    feed: openProductFeed(new DynamoDBStreamsClient(pollingSettings(dynamodb)), streamArn, shop.log),
    ...(isSeeded && { products }),
  };
};

const streamOf = async (shop: Shop): Promise<string> => {
  const TableName = shop.tables.products;
  const client = new DynamoDBClient(pollingSettings(shop.config.dynamodb));
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.LatestStreamArn) return Table.LatestStreamArn;
    throw new Error(`Table ${TableName} has no stream`);
  } finally {
    client.destroy();
  }
};

/** A place in a shard: its last record, told by when and about which product it was written. */
const placeOf = ({ dynamodb }: _Record): string =>
  JSON.stringify([
    dynamodb?.SequenceNumber,
    dynamodb?.Keys?.product_id?.N,
    dynamodb?.ApproximateCreationDateTime?.getTime(),
  ]);

const noteOf = (shardId: string): string => `place in ${shardId}`;

const openProductFeed = (streams: DynamoDBStreamsClient, streamArn: string, log: Shop["log"]): SearchFeed => {
  let stopping = new AbortController();
  let following: Promise<void> | undefined;
  /** Grows with every doubt; the index is current when all was read since the last one. */
  let doubts = 0;
  let settledDoubts = -1;

  const iteratorAt = async (
    ShardId: string,
    type: "AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER",
    SequenceNumber: string | undefined,
  ): Promise<string | undefined> => {
    const at = SequenceNumber
      ? { ShardIteratorType: type, SequenceNumber }
      : { ShardIteratorType: "TRIM_HORIZON" as const };
    const command = new GetShardIteratorCommand({ StreamArn: streamArn, ShardId, ...at });
    return (await streams.send(command)).ShardIterator;
  };

  const recordAt = async (shardId: string, sequence: string): Promise<_Record | undefined> => {
    const ShardIterator = await iteratorAt(shardId, "AT_SEQUENCE_NUMBER", sequence);
    return (await streams.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }))).Records?.[0];
  };

  type Iterators = Map<string, string | undefined>;

  /** Where to read on in each shard. The embedded engine has one for each table, from the beginning. */
  const iteratorsAtPlaces = async (index: SearchIndex): Promise<Iterators> => {
    const iterators: Iterators = new Map();
    for (const { ShardId = "" } of await shardsOf(streams, streamArn)) {
      const sequence = sequenceIn(index.noted(noteOf(ShardId)));
      iterators.set(ShardId, await iteratorAt(ShardId, "AFTER_SEQUENCE_NUMBER", sequence));
    }
    return iterators;
  };

  /** Takes over all that is there. */
  const readAll = async (index: SearchIndex, iterators: Iterators): Promise<void> => {
    const settling = doubts;
    for (let [shardId, ShardIterator] of iterators) {
      while (ShardIterator && !stopping.signal.aborted) {
        const { Records = [], NextShardIterator } = await streams.send(
          new GetRecordsCommand({ ShardIterator, Limit: BATCH_SIZE }),
        );
        ShardIterator = NextShardIterator;
        iterators.set(shardId, ShardIterator);
        const last = Records.at(-1);
        if (!last) break;
        apply(index, Records);
        // Durable after what it stands for: a crash in between has the records read again, which changes nothing.
        index.note(noteOf(shardId), placeOf(last));
      }
    }
    settledDoubts = settling;
  };

  const readOn = async (index: SearchIndex, first: Iterators, signal: AbortSignal): Promise<void> => {
    let iterators: Iterators | undefined = first;
    for (let pause = POLL_MS; !signal.aborted; ) {
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      try {
        if (!signal.aborted) await readAll(index, (iterators ??= await iteratorsAtPlaces(index)));
        pause = POLL_MS;
      } catch (error) {
        log.warn("reading the products stream failed; trying again", error as Error);
        iterators = undefined;
        pause = RETRY_MS;
      }
    }
  };

  return {
    async begin(index) {
      for (const { ShardId = "", SequenceNumberRange } of await shardsOf(streams, streamArn)) {
        const end = SequenceNumberRange?.EndingSequenceNumber;
        const record = end && (await recordAt(ShardId, end));
        if (record) index.note(noteOf(ShardId), placeOf(record));
      }
    },

    async canFollow(index) {
      for (const { ShardId = "" } of await shardsOf(streams, streamArn)) {
        const noted = index.noted(noteOf(ShardId));
        const sequence = sequenceIn(noted);
        if (noted === undefined) continue;
        const record = sequence && (await recordAt(ShardId, sequence));
        if (!record || placeOf(record) !== noted) return false;
      }
      return true;
    },

    async follow(index) {
      stopping = new AbortController();
      const iterators = await iteratorsAtPlaces(index);
      await readAll(index, iterators);
      following = readOn(index, iterators, stopping.signal);
    },

    doubt: () => void (doubts += 1),

    isCurrent: () => settledDoubts === doubts,

    async stop() {
      stopping.abort();
      await following;
    },
  };
};

const sequenceIn = (note: string | undefined): string | undefined => {
  try {
    const sequence: unknown = note && JSON.parse(note)[0];
    return typeof sequence === "string" && /^\d+$/.test(sequence) ? sequence : undefined;
  } catch {
    return undefined; // Compared with the stream, such a note is refused.
  }
};

/** Records of one product come in order. */
const apply = (index: SearchIndex, records: readonly _Record[]): void => {
  for (const { dynamodb } of records) {
    const image = dynamodb?.NewImage as Record<string, AttributeValue> | undefined;
    const id = Number(dynamodb?.Keys?.product_id?.N);
    if (!image) index.remove(id);
    else for (const product of searchableOf(unmarshall(image))) index.put(product);
  }
};
