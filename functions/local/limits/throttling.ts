import { type Kind, openPartitions, type PartitionSettings, type Partitions } from "./partitions.ts";
import { type Answer, errorAnswer } from "./protocol.ts";
import type { Tally } from "./tally.ts";
import type { Reason } from "./transactions.ts";

/** Units that a request takes from one partition of a table or index. */
export interface Claim {
  /** The table's name, or table/index. */
  readonly resource: string;
  readonly arn: string;
  /** The partition key's value. */
  readonly key: string;
  /** Whether the key is drawn for a page of a scan, which has none. */
  readonly isDrawn?: boolean;
  readonly kind: Kind;
  readonly units: number;
}

const EXCEEDED =
  "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or " +
  "index so please try again shortly. If exceptions persist, check if you have a hot key: " +
  "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html.";

/** Such as `TableWriteKeyRangeThroughputExceeded`. Source: ThrottlingReason, API reference. */
export const throttlingReason = ({ resource, arn, kind }: Claim) => ({
  reason: `${resource.includes("/") ? "Index" : "Table"}${kind === "read" ? "Read" : "Write"}KeyRangeThroughputExceeded`,
  resource: arn,
});

/** The error of an on-demand table; a provisioned one has another name for it. */
export const throttledAnswer = (claim: Claim): Answer =>
  errorAnswer(
    "ThrottlingException",
    EXCEEDED,
    { throttlingReasons: [throttlingReason(claim)] },
    { namespace: "com.amazon.coral.availability#" },
  );

export const throttledReason: Reason = { Code: "ThrottlingError", Message: EXCEEDED };

/** Lets requests in by the units of the partitions they touch, and counts what they take. */
export const openAdmission = (isOn: boolean, settings: PartitionSettings, tally: Tally) => {
  const resources = new Map<string, Partitions>();
  const of = (resource: string): Partitions => {
    let partitions = resources.get(resource);
    if (!partitions) resources.set(resource, (partitions = openPartitions(settings)));
    return partitions;
  };

  const take = ({ resource, key, isDrawn, kind, units }: Claim): void => {
    if (units === 0) return;
    of(resource).take(Bun.hash.xxHash32(key), kind, units);
    tally.units(resource, isDrawn ? undefined : key, kind, units);
  };

  const refuses = ({ resource, key, kind }: Claim): boolean =>
    isOn && !of(resource).admits(Bun.hash.xxHash32(key), kind);

  return {
    /** The claims that are refused; when none is, all have been taken. */
    admit(claims: readonly Claim[]): Claim[] {
      const refused = claims.filter(refuses);
      for (const { resource, kind } of refused) tally.throttled(resource, kind);
      if (refused.length === 0) for (const claim of claims) take(claim);
      return refused;
    },
    /** Takes what an answered request cost on top of its claim; gives back what it cost less. */
    take,
    partitions: () => Object.fromEntries([...resources].map(([name, { count }]) => [name, count()])),
  };
};

export type Admission = ReturnType<typeof openAdmission>;
