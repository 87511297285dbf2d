import type { Backend } from "./backend.ts";
import { draw } from "./latency.ts";
import type { StreamSettings } from "./limits-settings.ts";
import { type Answer, errorAnswer, type Input, type Item } from "./protocol.ts";
import { hashText, type Tables } from "./table-schemas.ts";

/**
 * AWS closes a shard after about four hours and keeps records for 24 ("DynamoDB Streams", developer guide). Here
 * shards live by records, so that an experiment of minutes sees many of them.
 */
const DEFAULTS: StreamSettings = {
  delay: () => draw({ median: 40, p99: 800 }),
  repeats: 0.01,
  shardRecords: 5_000,
  kept: 24,
};

const STREAMS = "DynamoDBStreams_20120810.";
const MAX_SHARDS = 4;
const MAX_RECORDS = 1_000;
const OLD_SECONDS = 5;

interface StreamRecord {
  readonly dynamodb: {
    readonly Keys: Item;
    readonly SequenceNumber: string;
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime?: number;
  };
}

/** The position of an iterator. Positions are the engine's sequence numbers; reading goes on after them. */
interface Place {
  readonly arn: string;
  readonly shard: string;
  readonly after: number;
  /** Before the last batch: from where a repetition reads. */
  readonly before: number;
}

/** A generation of shards covers a range of sequence numbers; each shard has the keys of one hash in it. */
interface ShardName {
  readonly generation: number;
  readonly slot: number;
}

const shardCount = (generation: number): number => Math.min(MAX_SHARDS, 2 ** generation);
const shardId = ({ generation, slot }: ShardName): string =>
  `shardId-${String(generation).padStart(20, "0")}-${String(slot).padStart(8, "0")}`;
const parseShard = (id: string): ShardName => {
  const [, generation = 0, slot = 0] = id.split("-").map(Number);
  return { generation, slot };
};
/** The first two generations split; from then on each shard has one child. */
const parentOf = ({ generation, slot }: ShardName): string | undefined =>
  generation === 0
    ? undefined
    : shardId({ generation: generation - 1, slot: slot % shardCount(generation - 1) });

const encode = (place: Place): string => Buffer.from(JSON.stringify(place)).toString("base64");
const decode = (iterator: string): Place => JSON.parse(Buffer.from(iterator, "base64").toString());

const trimmed = (): Answer =>
  errorAnswer(
    "TrimmedDataAccessException",
    "The operation attempted to read past the oldest stream record in a shard.",
  );

/** Streams with shards that split and close, records that come late, repeatedly, or are gone. */
export const openStreams = (backend: Backend, tables: Tables, settings: Partial<StreamSettings> = {}) => {
  const { delay, repeats, shardRecords, kept } = { ...DEFAULTS, ...settings };
  /** When each record may be read, by stream and sequence number. */
  const due = new Map<string, Map<number, number>>();

  const startOf = (generation: number): number => generation * shardRecords + 1;
  const generationOf = (sequence: number): number => Math.floor((Math.max(1, sequence) - 1) / shardRecords);

  const engineIterator = async (StreamArn: string, ShardId: string, rest: object): Promise<string> => {
    const { body } = await backend.call(`${STREAMS}GetShardIterator`, { StreamArn, ShardId, ...rest });
    return String(body.ShardIterator);
  };

  /**
   * The engine's one shard, and its newest sequence number: from the iterator at its end, for the engine compares the
   * numbers of the range that it describes as texts.
   */
  const describe = async (arn: string) => {
    const { status, body } = await backend.call(`${STREAMS}DescribeStream`, { StreamArn: arn });
    if (status !== 200) return { failure: { status, body } };
    const description = body.StreamDescription as {
      readonly Shards: readonly { readonly ShardId: string }[];
    };
    const engineShard = description.Shards[0]?.ShardId ?? "";
    const latest = await engineIterator(arn, engineShard, { ShardIteratorType: "LATEST" });
    const { position } = JSON.parse(Buffer.from(latest, "base64").toString()) as { position: number };
    return { description, engineShard, newest: position };
  };
  const oldestKept = (newest: number): number => startOf(Math.max(0, generationOf(newest) - kept + 1));

  const describeStream = async (input: Input): Promise<Answer> => {
    const { failure, description, newest = 0 } = await describe(input.StreamArn ?? "");
    if (failure) return failure;
    const last = generationOf(newest);
    const shards = [];
    for (let generation = generationOf(oldestKept(newest)); generation <= last; generation++) {
      for (let slot = 0; slot < shardCount(generation); slot++) {
        const parent = parentOf({ generation, slot });
        shards.push({
          ShardId: shardId({ generation, slot }),
          ...(parent && { ParentShardId: parent }),
          SequenceNumberRange: {
            StartingSequenceNumber: String(startOf(generation)),
            ...(generation < last && { EndingSequenceNumber: String(startOf(generation + 1) - 1) }),
          },
        });
      }
    }
    const from = shards.findIndex(({ ShardId }) => ShardId === input.ExclusiveStartShardId) + 1;
    return { status: 200, body: { StreamDescription: { ...description, Shards: shards.slice(from) } } };
  };

  const getShardIterator = async (input: Input): Promise<Answer> => {
    const { StreamArn: arn = "", ShardId: shard = "", ShardIteratorType: type, SequenceNumber } = input;
    const { failure, newest = 0 } = await describe(arn);
    if (failure) return failure;
    const oldest = oldestKept(newest);
    const start = startOf(parseShard(shard).generation);
    const sequence = Number(SequenceNumber);
    if (parseShard(shard).generation > generationOf(newest)) {
      return errorAnswer(
        "ResourceNotFoundException",
        `Requested resource not found: Shard: ${shard} not found`,
      );
    }
    let after = Math.max(start, oldest) - 1;
    if (type === "LATEST") after = newest;
    if (type === "AT_SEQUENCE_NUMBER" || type === "AFTER_SEQUENCE_NUMBER") {
      after = type === "AT_SEQUENCE_NUMBER" ? sequence - 1 : sequence;
      if (sequence < oldest) return trimmed();
    }
    return { status: 200, body: { ShardIterator: encode({ arn, shard, after, before: after }) } };
  };

  const isDue = (arn: string, { dynamodb }: StreamRecord): boolean => {
    const sequence = Number(dynamodb.SequenceNumber);
    const times = due.get(arn) ?? new Map<number, number>();
    due.set(arn, times);
    const now = Date.now();
    // Old records were due before this process ran.
    const isOld = now / 1_000 - (dynamodb.ApproximateCreationDateTime ?? 0) > OLD_SECONDS;
    const time = times.get(sequence) ?? (isOld ? 0 : now + delay());
    times.set(sequence, time);
    if (times.size > 10 * MAX_RECORDS)
      for (const old of [...times.keys()].slice(0, MAX_RECORDS)) times.delete(old);
    return time <= now;
  };

  const readEngine = async (arn: string, engineShard: string, after: number): Promise<Answer> => {
    const iterator = await engineIterator(
      arn,
      engineShard,
      after < 1
        ? { ShardIteratorType: "TRIM_HORIZON" }
        : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: String(after) },
    );
    return backend.call(`${STREAMS}GetRecords`, { ShardIterator: iterator, Limit: MAX_RECORDS });
  };

  const getRecords = async (input: Input): Promise<Answer> => {
    const { arn, shard, after, before } = decode(input.ShardIterator ?? "");
    const { failure, engineShard = "", newest = 0 } = await describe(arn);
    if (failure) return failure;
    const { generation, slot } = parseShard(shard);
    const end = startOf(generation + 1) - 1;
    if (after + 1 < oldestKept(newest)) return trimmed();
    const from = before < after && Math.random() < repeats ? before : after;
    const { status, body } =
      from < newest ? await readEngine(arn, engineShard, from) : { status: 200, body: {} };
    if (status !== 200) return { status, body };
    const table = await tables.get(arn.split("/")[1]);
    const records: StreamRecord[] = [];
    let read = from;
    for (const record of (body.Records ?? []) as StreamRecord[]) {
      const { Keys, SequenceNumber } = record.dynamodb;
      const sequence = Number(SequenceNumber);
      if (sequence > end || records.length >= (input.Limit ?? MAX_RECORDS) || !isDue(arn, record)) break;
      read = sequence;
      const hash = Bun.hash.xxHash32(table ? hashText(table, Keys) : "");
      if (hash % shardCount(generation) === slot) records.push(record);
    }
    const next: Place = {
      arn,
      shard,
      after: Math.max(after, read),
      before: records.length > 0 ? after : before,
    };
    const isClosed = read >= end;
    return { status: 200, body: { Records: records, ...(!isClosed && { NextShardIterator: encode(next) }) } };
  };

  return { DescribeStream: describeStream, GetShardIterator: getShardIterator, GetRecords: getRecords };
};
