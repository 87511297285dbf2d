import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";

/**
 * Whether the shard has the record at a position: a newer database than this one may have had it, and after such a
 * position nothing would be read for a long time. The range that a shard states is no help, for the embedded
 * engine compares sequence numbers as texts there, 9 after 10.
 */
export const hasRecordAt = async (
  streams: DynamoDBStreamsClient,
  StreamArn: string,
  ShardId: string,
  SequenceNumber: string,
): Promise<boolean> => {
  const at = { StreamArn, ShardId, ShardIteratorType: "AT_SEQUENCE_NUMBER", SequenceNumber } as const;
  try {
    const { ShardIterator } = await streams.send(new GetShardIteratorCommand(at));
    const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }));
    return Records[0]?.dynamodb?.SequenceNumber === SequenceNumber;
  } catch (error) {
    if (error instanceof TrimmedDataAccessException) return false;
    throw error;
  }
};

/** The shards of a stream, parents before children. */
export const shardsOf = async (streams: DynamoDBStreamsClient, streamArn: string): Promise<Shard[]> => {
  const shards: Shard[] = [];
  let start: string | undefined;
  do {
    const { StreamDescription } = await streams.send(
      new DescribeStreamCommand({
        StreamArn: streamArn,
        ...(start && { ExclusiveStartShardId: start }),
      }),
    );
    shards.push(...(StreamDescription?.Shards ?? []));
    start = StreamDescription?.LastEvaluatedShardId;
  } while (start);
  return shards;
};
