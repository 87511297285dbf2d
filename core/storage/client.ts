/** Any command of `@aws-sdk/lib-dynamodb` or `@aws-sdk/client-dynamodb`. */
export interface DocumentCommand {
  readonly input: object;
}

/** Where a shape holds item values: `null` here, `{}` in each member; `*` gives one rule for all members. */
export type KeyNodes = { readonly [name: string]: KeyNodes } | null;

/** Smithy's description of an operation: kind, namespace, name, traits, input and output. */
type OperationSchema = readonly [number, string, string, number, unknown, unknown];

interface ClientCommand extends DocumentCommand {
  readonly schema: OperationSchema;
}

/** The protected parts of a document command. A command of the plain client has none: its items need no translation. */
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

/** Sends the prepared request; each attempt sends the same bytes. Rejects with the SDK's exceptions. */
export type Call = (limits: CallLimits) => Promise<object>;

/** One of the ways to DynamoDB behind the {@link Database} port. */
export interface StorageClient {
  /** @throws Error for values that DynamoDB has no type for */
  readonly prepare: (command: DocumentCommand) => Call;
  /** Closes its connections. */
  readonly close: () => void;
}

/** Calls of one process in flight, each on a connection of its own. */
export const MAX_CONNECTIONS = 256;
