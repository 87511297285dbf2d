import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Endpoint } from "./post.ts";
import { type Credentials, openSigner, type Signer } from "./signature.ts";

/** Access to DynamoDB as the SDK resolves it from its settings: the endpoint and the proof of identity. */
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

/** How long before they expire credentials are renewed, as in the SDK; and the pause between attempts. Milliseconds. */
const RENEW_BEFORE = 300_000;
const RENEW_PAUSE = 10_000;

/**
 * Takes credentials and the endpoint from the SDK's own provider chain and rules. They are renewed in the background
 * before they expire: calls wait for a renewal, or fail with it, only once they have expired.
 */
export const openAccess = (client: DynamoDBClient) => {
  let current: Access | undefined;
  let pending: Promise<Access> | undefined;
  let renewAgainAt = 0;

  const resolve = async (isForced: boolean): Promise<Access> => {
    const credentials = await client.config.credentials({ forceRefresh: isForced });
    return credentials === current?.credentials ? current : accessOf(await sampleOf(client), credentials);
  };

  /** Concurrent callers share one renewal. */
  const renew = (isForced: boolean): Promise<Access> =>
    (pending ??= resolve(isForced)
      .then((access) => (current = access))
      .finally(() => {
        pending = undefined;
      }));

  return {
    /** Undefined where it first has to be fetched. */
    now(): Access | undefined {
      const expiration = current?.credentials.expiration?.getTime();
      if (expiration === undefined) return current;
      const time = Date.now();
      if (expiration - time < RENEW_BEFORE && time >= renewAgainAt) {
        renewAgainAt = time + RENEW_PAUSE;
        renew(false).catch(() => undefined); // The call that finds it expired gets the error.
      }
      return expiration > time ? current : undefined;
    },
    /** @throws the error of the SDK's provider chain when there are no credentials */
    fetch: (): Promise<Access> => renew(false),
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

/** A signed request as the SDK would send it, captured instead of sent. */
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

/** Signature Version 4 escapes the path once more, including characters that `encodeURIComponent` leaves alone. */
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
