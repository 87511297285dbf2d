import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  type Shard,
} from "@aws-sdk/client-dynamodb-streams";

/** A position of a newer database than this one: after it, nothing would be read for a long time. */
export const isBeyondEnd = (position: string | undefined, { SequenceNumberRange: range }: Shard): boolean =>
  Boolean(position && range?.EndingSequenceNumber && BigInt(position) > BigInt(range.EndingSequenceNumber));

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
