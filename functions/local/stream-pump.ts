// biome-ignore-all lint/style/noExcessiveLinesPerFile: one state for the shards, the positions and the records under way
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  type _Record,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import type { Shop } from "../../core/shop.ts";
import { contextOf } from "../http/event.ts";
import type { BackgroundHandler } from "../middleware/background.ts";
import { pollingSettings } from "./polling-settings.ts";
import { openPositions, type Positions } from "./positions.ts";
import { hasRecordAt, shardsOf } from "./shards.ts";

const POLL_MS = 100;
/** A stream without records is asked less often: each poll costs about a millisecond of CPU. */
const QUIET_POLL_MS = 400;
const QUIET_AFTER_MS = 2_000;
const BATCH_SIZE = 100;
const SHARD_REFRESH_MS = 10_000;
const MAX_BACKOFF_MS = 5_000;
const INVOCATION_MS = 60_000;

type StreamHandler = BackgroundHandler<DynamoDBStreamEvent, DynamoDBBatchResponse>;

export interface Pump {
  /** Lets the batch at hand finish, then stops. */
  readonly stop: () => Promise<void>;
}

/**
 * Reads the orders table's stream and hands its records to a handler, as a Lambda event source mapping
 * does: in order within a shard, from where the last run stopped, and again from the first record that
 * failed.
 */
export const startPump = (shop: Shop, handler: StreamHandler, positionFile: string): Pump => {
  const settings = pollingSettings(shop.config.dynamodb);
  const tables = new DynamoDBClient(settings);
  const streams = new DynamoDBStreamsClient(settings);
  const stopping = new AbortController();

  /** Rounds in a row that failed. */
  let failures = 0;

  const pump = async (): Promise<void> => {
    const { Table } = await tables.send(new DescribeTableCommand({ TableName: shop.tables.orders }));
    const streamArn = Table?.LatestStreamArn;
    if (!streamArn) throw new Error(`Table ${shop.tables.orders} has no stream`);
    const positions = await openPositions(positionFile, streamArn);
    const startOver = async (shardId: string): Promise<void> => {
      const position = positions.get(shardId);
      shop.log.warn("the stream no longer has this position; reading its oldest records", {
        shardId,
        position,
      });
      await positions.drop(shardId);
    };
    const readers = new Map<string, ShardReader>();
    let listed = new Set<string>();
    /** Whether all records of a shard have been delivered, or are gone with it: only then is it its children's turn. */
    const isOver = (shardId: string): boolean =>
      !listed.has(shardId) || readers.get(shardId)?.isClosed() === true;
    let refreshAt = 0;
    let quietFrom = Date.now() + QUIET_AFTER_MS;
    while (!stopping.signal.aborted) {
      if (Date.now() >= refreshAt) {
        const shards = await shardsOf(streams, streamArn);
        listed = new Set(shards.map(({ ShardId = "" }) => ShardId));
        for (const { ShardId: shardId = "", ParentShardId: parent } of shards) {
          if (readers.has(shardId) || (parent && !isOver(parent))) continue;
          const position = positions.get(shardId);
          if (position && !(await hasRecordAt(streams, streamArn, shardId, position)))
            await startOver(shardId);
          readers.set(shardId, readShard(streams, streamArn, shardId, positions, deliver, startOver));
        }
        refreshAt = Date.now() + SHARD_REFRESH_MS;
      }
      let delivered = 0;
      for (const reader of readers.values()) {
        if (reader.isClosed()) continue;
        delivered += await reader.read();
        if (reader.isClosed()) refreshAt = 0; // Its children may be read now.
      }
      failures = 0;
      if (delivered > 0) quietFrom = Date.now() + QUIET_AFTER_MS;
      else {
        const pause = Date.now() < quietFrom ? POLL_MS : QUIET_POLL_MS;
        await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };

  /** Gives a batch to the handler; the sequence number of the first record that failed, if any. */
  const deliver = async (records: DynamoDBRecord[]): Promise<string | undefined> => {
    const { batchItemFailures } = await handler({ Records: records }, contextOf(randomUUID(), INVOCATION_MS));
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    return records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? "").find((number) => failed.has(number));
  };

  const pumpUntilStopped = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await pump();
      } catch (error) {
        shop.log.error("the stream pump failed and starts again", error as Error);
        const pause = Math.random() * Math.min(MAX_BACKOFF_MS, POLL_MS * 2 ** failures++);
        await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };

  const done = pumpUntilStopped();
  return {
    stop: async () => {
      stopping.abort();
      await done;
      streams.destroy();
      tables.destroy();
    },
  };
};

interface ShardReader {
  /** Reads on once; the number of records delivered. */
  readonly read: () => Promise<number>;
  /** Whether the shard gets no more records, and all of them have been delivered. */
  readonly isClosed: () => boolean;
}

const readShard = (
  streams: DynamoDBStreamsClient,
  streamArn: string,
  shardId: string,
  positions: Positions,
  deliver: (records: DynamoDBRecord[]) => Promise<string | undefined>,
  startOver: (shardId: string) => Promise<void>,
): ShardReader => {
  let iterator: string | undefined;
  let isClosed = false;
  let failures = 0;
  let retryAt = 0;

  const iteratorAtPosition = async (): Promise<string | undefined> => {
    const position = positions.get(shardId);
    const { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({
        StreamArn: streamArn,
        ShardId: shardId,
        ...(position
          ? {
              ShardIteratorType: "AFTER_SEQUENCE_NUMBER",
              SequenceNumber: position,
            }
          : { ShardIteratorType: "TRIM_HORIZON" }),
      }),
    );
    return ShardIterator;
  };

  const fetchRecords = async () => {
    iterator ??= await iteratorAtPosition();
    return streams.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: BATCH_SIZE }));
  };

  const readOn = async (): Promise<number> => {
    if (Date.now() < retryAt) return 0;
    const answer = await fetchRecords().catch(async (error: unknown) => {
      // Streams keep records for 24 hours: a position older than that is refused for good.
      if (!(error instanceof TrimmedDataAccessException)) throw error;
      iterator = undefined;
      await startOver(shardId);
      return undefined;
    });
    if (!answer) return 0;
    const { Records = [], NextShardIterator } = answer;
    const records = Records.map(toEventRecord);
    const failedAt = records.length > 0 ? await deliver(records) : undefined;
    const done = failedAt
      ? records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failedAt)
      : records.length;
    const last = records[done - 1]?.dynamodb?.SequenceNumber;
    if (last) await positions.set(shardId, last);
    if (failedAt) {
      // From the position again, after a pause: what failed and all behind it.
      iterator = undefined;
      retryAt = Date.now() + Math.random() * Math.min(MAX_BACKOFF_MS, POLL_MS * 2 ** failures++);
      return done;
    }
    failures = 0;
    iterator = NextShardIterator;
    isClosed = iterator === undefined;
    return records.length;
  };
  return { read: readOn, isClosed: () => isClosed };
};

/** A record of the streams API as Lambda hands it on: the same, but for times in epoch seconds. */
const toEventRecord = ({ dynamodb, ...record }: _Record): DynamoDBRecord => ({
  ...(record as Omit<DynamoDBRecord, "dynamodb">),
  dynamodb: {
    ...(dynamodb as Omit<NonNullable<DynamoDBRecord["dynamodb"]>, "ApproximateCreationDateTime">),
    ...(dynamodb?.ApproximateCreationDateTime && {
      ApproximateCreationDateTime: dynamodb.ApproximateCreationDateTime.getTime() / 1000,
    }),
  },
});
