/** DynamoDB's JSON protocol, as far as the limits layer has to understand it. */

export interface AttributeValue {
  readonly S?: string;
  readonly N?: string;
  readonly B?: string;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly M?: Item;
  readonly L?: readonly AttributeValue[];
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly string[];
}

export type Item = Readonly<Record<string, AttributeValue>>;

/** Units of one table as the engine reports them with `ReturnConsumedCapacity: INDEXES`. */
export interface ConsumedCapacity {
  readonly TableName: string;
  readonly CapacityUnits: number;
  readonly Table?: { readonly CapacityUnits: number };
  readonly GlobalSecondaryIndexes?: Readonly<Record<string, { readonly CapacityUnits: number }>>;
}

/** The request fields of the modelled operations; each operation uses some of them. */
export interface Input {
  TableName?: string;
  IndexName?: string;
  Key?: Item;
  Item?: Item;
  ConsistentRead?: boolean;
  ReturnConsumedCapacity?: string;
  ReturnValues?: string;
  Select?: string;
  Limit?: number;
  ScanIndexForward?: boolean;
  KeyConditionExpression?: string;
  FilterExpression?: string;
  ProjectionExpression?: string;
  ExpressionAttributeNames?: Readonly<Record<string, string>>;
  ExpressionAttributeValues?: Item;
  ExclusiveStartKey?: Item;
  ClientRequestToken?: string;
  TransactItems?: readonly Readonly<Record<string, Input>>[];
  RequestItems?: Record<string, unknown>;
  StreamArn?: string;
  ShardId?: string;
  ShardIteratorType?: string;
  SequenceNumber?: string;
  ShardIterator?: string;
  ExclusiveStartShardId?: string;
}

export interface Output {
  Item?: Item;
  Items?: Item[];
  Count?: number;
  Attributes?: Item;
  LastEvaluatedKey?: Item;
  ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[];
  Responses?: unknown;
  UnprocessedKeys?: Record<string, unknown>;
  UnprocessedItems?: Record<string, unknown>;
  message?: string;
  [field: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: Output;
  /** The body as the engine wrote it, where nothing in it has to change. */
  readonly text?: string;
  /** Milliseconds that the engine took, for an answer that one call of it gave. */
  readonly engineMs?: number;
}

const SERVICE = "com.amazonaws.dynamodb.v20120810#";

/** An error as the service words it: the type's namespace differs between its own errors and those of its front end. */
export const errorAnswer = (
  name: string,
  message: string,
  fields: object = {},
  { status = 400, namespace = SERVICE } = {},
): Answer => ({ status, body: { __type: namespace + name, message, ...fields } });

/** The service's answer for trouble of its own. The client cannot know whether a write was made. */
export const internalError = (
  message = "The request processing has failed because of an unknown error.",
): Answer => errorAnswer("InternalServerError", message, {}, { status: 500 });
