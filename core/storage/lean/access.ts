import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Endpoint } from "./post.ts";
import { type Credentials, openSigner, type Signer } from "./signature.ts";

/** What the SDK resolves from its settings: where requests go, and how they prove themselves. */
export interface Access {
  readonly credentials: Identity;
  readonly endpoint: Endpoint;
  /** Headers that all requests have: the host and the names of the client. */
  readonly headers: Readonly<Record<string, string>>;
  readonly unsigned: Readonly<Record<string, string>>;
  readonly signedPath: string;
  readonly sign: Signer;
}

interface Identity extends Credentials {
  readonly expiration?: Date | undefined;
}

interface SampleRequest extends Endpoint {
  readonly headers: Readonly<Record<string, string>>;
}

/** Refreshed so much before they expire, in milliseconds, as the SDK does. */
const REFRESH_BEFORE = 300_000;

/**
 * Gets access from the SDK's own provider chain and endpoint rules, and renews it before it expires. While it
 * cannot be renewed, it is used to its end.
 */
export const openAccess = (client: DynamoDBClient) => {
  let current: Access | undefined;
  let pending: Promise<Access> | undefined;

  const resolve = async (isForced: boolean): Promise<Access> => {
    const credentials = await client.config.credentials({ forceRefresh: isForced });
    return credentials === current?.credentials ? current : accessOf(await sampleOf(client), credentials);
  };

  /** One renewal at a time, whoever needs it. */
  const renew = (isForced: boolean): Promise<Access> =>
    (pending ??= resolve(isForced)
      .then((access) => (current = access))
      .finally(() => {
        pending = undefined;
      }));

  const millisecondsLeft = ({ credentials: { expiration } }: Access): number =>
    expiration ? expiration.getTime() - Date.now() : Number.POSITIVE_INFINITY;

  return {
    /** Undefined where it first has to be fetched. */
    now: (): Access | undefined =>
      current && millisecondsLeft(current) > REFRESH_BEFORE ? current : undefined,
    /** @throws the error of the SDK's provider chain when there are no credentials */
    async fetch(): Promise<Access> {
      try {
        return await renew(false);
      } catch (error) {
        if (current && millisecondsLeft(current) > 0) return current;
        throw error;
      }
    },
    /** Other credentials than those that were refused; undefined when there are none. */
    async replace(refused: Access): Promise<Access | undefined> {
      if (current && current !== refused) return current;
      const { credentials } = await renew(true);
      const isOther =
        credentials.accessKeyId !== refused.credentials.accessKeyId ||
        credentials.sessionToken !== refused.credentials.sessionToken;
      return isOther ? current : undefined;
    },
  };
};

/** A request as the SDK would send it, which is not sent. */
const sampleOf = async (client: DynamoDBClient): Promise<SampleRequest> => {
  const command = new GetCommand({ TableName: "sample", Key: {} });
  let sample: unknown;
  command.middlewareStack.add(
    () => async (args: object) => {
      sample = (args as { request: SampleRequest }).request;
      const response = { statusCode: 200, headers: {}, body: new Uint8Array() };
      return { response, output: { $metadata: {} } };
    },
    { step: "deserialize", priority: "low" },
  );
  await DynamoDBDocumentClient.from(client).send(command);
  return sample as SampleRequest;
};

/** Signatures are over paths that are escaped once more, of which `encodeURIComponent` leaves some characters. */
const escaped = (path: string): string =>
  encodeURIComponent(path)
    .replaceAll("%2F", "/")
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const accessOf = (
  { protocol, hostname, port, path, headers }: SampleRequest,
  credentials: Identity,
): Access => {
  const [, , region = "", service = ""] =
    /Credential=([^,]+)/.exec(headers.authorization ?? "")?.[1]?.split("/") ?? [];
  const named = (...names: string[]) => Object.fromEntries(names.map((name) => [name, headers[name] ?? ""]));
  return {
    credentials,
    endpoint: { protocol, hostname, port, path },
    headers: named("host", "x-amz-user-agent", "amz-sdk-request"),
    unsigned: named("user-agent"),
    signedPath: escaped(path),
    sign: openSigner(credentials, { region, service }),
  };
};
