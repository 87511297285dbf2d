import { expect, test, vi } from "vitest";
import type { Item } from "./protocol.ts";
import { createTable, item, type Limited, openLimited } from "./testing.ts";

interface Shard {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly SequenceNumberRange: { readonly EndingSequenceNumber?: string };
}
interface Record {
  readonly dynamodb: { readonly SequenceNumber: string; readonly NewImage: Item };
}

const AT_ONCE = { delay: () => 0, repeats: 0, shardRecords: 10, kept: 1_000 };

const streamOf = async ({ call }: Limited, TableName: string): Promise<string> => {
  const { Table } = await call("DescribeTable", { TableName });
  return (Table as { LatestStreamArn: string }).LatestStreamArn;
};

const shardsOf = async ({ call }: Limited, StreamArn: string): Promise<Shard[]> => {
  const { StreamDescription } = await call("DescribeStream", { StreamArn });
  return (StreamDescription as { Shards: Shard[] }).Shards;
};

const iteratorAt = async ({ call }: Limited, StreamArn: string, ShardId: string, rest: object) =>
  call("GetShardIterator", { StreamArn, ShardId, ...rest });

/** All records of a shard, until it is closed or has no more. */
const readShard = async (layer: Limited, arn: string, shard: string): Promise<Record[]> => {
  const records: Record[] = [];
  const { ShardIterator } = await iteratorAt(layer, arn, shard, { ShardIteratorType: "TRIM_HORIZON" });
  let iterator: unknown = ShardIterator;
  while (iterator) {
    const { Records, NextShardIterator } = await layer.call("GetRecords", {
      ShardIterator: iterator,
      Limit: 3,
    });
    records.push(...(Records as Record[]));
    if ((Records as Record[]).length === 0 && NextShardIterator === undefined) break;
    if ((Records as Record[]).length === 0) return records;
    iterator = NextShardIterator;
  }
  return records;
};

/** Writes each of some keys in turn; the value counts on. */
const writeAll = async ({ call }: Limited, table: string, keys: readonly string[], count: number) => {
  for (let i = 0; i < count; i++) {
    const id = keys[i % keys.length] ?? "";
    await call("PutItem", { TableName: table, Item: item({ id, value: String(i) }) });
  }
};

test("splits and closes shards; parents hold what came before their children", async () => {
  const layer = openLimited(["streams"], { streams: AT_ONCE });
  const table = await createTable(layer);
  const arn = await streamOf(layer, table);
  const keys = ["a", "b", "c", "d", "e", "f"];
  await writeAll(layer, table, keys, 35);
  const shards = await shardsOf(layer, arn);
  expect(shards.length).toBeGreaterThan(4);
  const open = shards.filter(({ SequenceNumberRange }) => !SequenceNumberRange.EndingSequenceNumber);
  expect(open.length).toBeLessThan(shards.length);
  const ids = new Set(shards.map(({ ShardId }) => ShardId));
  for (const { ParentShardId } of shards.slice(1)) expect(ids).toContain(ParentShardId);
  // Shards come parents first, so that reading them in turn keeps each key's order.
  const values = new Map<string, number[]>();
  for (const { ShardId } of shards) {
    for (const { dynamodb } of await readShard(layer, arn, ShardId)) {
      const { id, value } = dynamodb.NewImage;
      values.set(`${id?.S}`, [...(values.get(`${id?.S}`) ?? []), Number(value?.S)]);
    }
  }
  expect([...values.values()].flat()).toHaveLength(35);
  for (const own of values.values()) expect(own).toEqual(own.toSorted((a, b) => a - b));
});

test("ends the iterator of a closed shard, and not of an open one", async () => {
  const layer = openLimited(["streams"], { streams: AT_ONCE });
  const table = await createTable(layer);
  const arn = await streamOf(layer, table);
  await writeAll(layer, table, ["a"], 12);
  const shards = await shardsOf(layer, arn);
  const lastIterator = async (shard: Shard | undefined) => {
    const start = await iteratorAt(layer, arn, shard?.ShardId ?? "", { ShardIteratorType: "TRIM_HORIZON" });
    const { NextShardIterator } = await layer.call("GetRecords", { ShardIterator: start.ShardIterator });
    return NextShardIterator;
  };
  expect(await lastIterator(shards[0])).toBeUndefined();
  expect(await lastIterator(shards.at(-1))).toEqual(expect.any(String));
});

test("refuses positions whose records are gone", async () => {
  const layer = openLimited(["streams"], { streams: { ...AT_ONCE, kept: 2 } });
  const table = await createTable(layer);
  const arn = await streamOf(layer, table);
  await writeAll(layer, table, ["a"], 5);
  const [first] = await shardsOf(layer, arn);
  const early = await iteratorAt(layer, arn, first?.ShardId ?? "", { ShardIteratorType: "TRIM_HORIZON" });
  await writeAll(layer, table, ["a"], 30);
  expect((await layer.call("GetRecords", { ShardIterator: early.ShardIterator })).error).toBe(
    "TrimmedDataAccessException",
  );
  const after = { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: "1" };
  expect((await iteratorAt(layer, arn, first?.ShardId ?? "", after)).error).toBe(
    "TrimmedDataAccessException",
  );
  expect((await shardsOf(layer, arn)).map(({ ShardId }) => ShardId)).not.toContain(first?.ShardId);
});

test("delivers records after their delay, and repeats batches", async () => {
  let delay = 1e9;
  const streams = { ...AT_ONCE, shardRecords: 1_000, repeats: 1, delay: () => delay };
  const layer = openLimited(["streams"], { streams });
  const table = await createTable(layer);
  const arn = await streamOf(layer, table);
  await writeAll(layer, table, ["a"], 2);
  const [shard] = await shardsOf(layer, arn);
  const start = await iteratorAt(layer, arn, shard?.ShardId ?? "", { ShardIteratorType: "TRIM_HORIZON" });
  const early = await layer.call("GetRecords", { ShardIterator: start.ShardIterator });
  expect(early.Records).toEqual([]);

  delay = 0;
  await writeAll(layer, table, ["a"], 1);
  const other = await createTable(layer);
  const otherArn = await streamOf(layer, other);
  await writeAll(layer, other, ["b"], 4);
  const [otherShard] = await shardsOf(layer, otherArn);
  const numbers: string[] = [];
  const oldest = { ShardIteratorType: "TRIM_HORIZON" };
  let iterator = (await iteratorAt(layer, otherArn, otherShard?.ShardId ?? "", oldest)).ShardIterator;
  await vi.waitFor(
    async () => {
      const { Records, NextShardIterator } = await layer.call("GetRecords", {
        ShardIterator: iterator,
        Limit: 2,
      });
      numbers.push(...(Records as Record[]).map(({ dynamodb }) => dynamodb.SequenceNumber));
      iterator = NextShardIterator;
      expect(new Set(numbers).size).toBe(4);
    },
    { timeout: 10_000, interval: 1 },
  );
  expect(numbers.length).toBeGreaterThan(4);
});
