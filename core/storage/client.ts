/** A command of `@aws-sdk/lib-dynamodb`, or one of `@aws-sdk/client-dynamodb`, whichever. */
export interface DocumentCommand {
  readonly input: object;
}

/** Where values of items are within a shape: `null` here, `{}` in each member, `*` by one rule for each member. */
export type KeyNodes = { readonly [name: string]: KeyNodes } | null;

/** Smithy's description of an operation: kind, namespace, name, traits, input and output. */
type OperationSchema = readonly [number, string, string, number, unknown, unknown];

interface ClientCommand extends DocumentCommand {
  readonly schema: OperationSchema;
}

/** The parts of a document command that its class keeps to itself. A client's own command has no items to translate. */
export interface Inside {
  readonly clientCommand?: ClientCommand;
  readonly inputKeyNodes?: KeyNodes;
  readonly outputKeyNodes?: KeyNodes;
}

export const schemaOf = (command: DocumentCommand): OperationSchema =>
  ((command as Inside).clientCommand ?? (command as ClientCommand)).schema;

/** DynamoDB's own name of a command's operation, such as `GetItem`. */
export const operationOf = (command: DocumentCommand): string => schemaOf(command)[2];

export interface CallLimits {
  /** Milliseconds of one attempt, from its beginning to the whole answer. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** Makes the call once, or once more the same. Rejects with the SDK's exceptions. */
export type Call = (limits: CallLimits) => Promise<object>;

/** One of the ways to DynamoDB behind the {@link Database} port. */
export interface StorageClient {
  /** @throws Error for values that DynamoDB has no type for */
  readonly prepare: (command: DocumentCommand) => Call;
}

/** Calls of one process under way at a time, each on a connection of its own. */
export const MAX_CONNECTIONS = 256;
