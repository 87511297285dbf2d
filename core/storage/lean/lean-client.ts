import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Config } from "../../config/config.ts";
import { invocationTrace } from "../../config/runtime.ts";
import { type DocumentCommand, operationOf, type StorageClient, schemaOf } from "../client.ts";
import { dynamodbClientSettings } from "../client-settings.ts";
import { marshallInput, unmarshallOutput } from "./documents.ts";
import type { Answer } from "./http-answer.ts";
import { type Access, openAccess } from "./lean-access.ts";
import { openPoster } from "./post.ts";
import { type Limited, withinTime } from "./time-limit.ts";

/** Passes Lambda's trace on, as the SDK does. */
const traceHeader = (): Record<string, string> | undefined => {
  const trace = invocationTrace();
  return trace === undefined ? undefined : { "x-amzn-trace-id": trace };
};

const EXPIRED = new Set(["ExpiredTokenException", "ExpiredToken"]);

/** How a service refuses a signature, among other reasons for its date. */
const REFUSED_SIGNATURES = new Set([
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "RequestTimeTooSkewed",
  "RequestExpired",
  "RequestInTheFuture",
  "AuthFailure",
]);

/** AWS accepts signatures up to five minutes old. The SDK corrects clocks from four minutes on. */
const SKEW = 240_000;

/** The part of the SDK's protocol that is used here; the SDK's own types for it are internal. */
interface Protocol {
  getPayloadCodec(): {
    createSerializer(): { write(schema: unknown, value: object): void; flush(): Uint8Array };
  };
  deserializeResponse(operation: object, context: object, answer: Answer): Promise<MetadataBearer>;
}

interface MetadataBearer {
  readonly $metadata: object;
}

/**
 * DynamoDB by the SDK's protocol and exceptions, without the SDK's middleware around each call, which takes most of its
 * CPU time (`npm run bench -- storage`).
 */
export const openLeanClient = (config: Config["dynamodb"]): StorageClient => {
  const client = new DynamoDBClient({ ...dynamodbClientSettings(config), maxAttempts: 1 });
  const protocol = client.config.protocol as unknown as Protocol;
  const serializer = protocol.getPayloadCodec().createSerializer();
  const access = openAccess(client);
  const { post, close } = openPoster();
  /** Added to this machine's clock, in milliseconds. */
  let clockOffset = 0;

  const bodyOf = (command: DocumentCommand): Uint8Array => {
    serializer.write(schemaOf(command)[4], marshallInput(command));
    return serializer.flush();
  };

  const exchange = (
    operation: string,
    body: Uint8Array,
    granted: Access,
    limited: Limited,
  ): Promise<Answer> => {
    const { endpoint, headers, unsigned, signedPath, sign } = granted;
    const signed = sign(
      signedPath,
      {
        ...headers,
        "amz-sdk-invocation-id": randomUUID(),
        "content-length": String(body.byteLength),
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDB_20120810.${operation}`,
      },
      body,
      Date.now() + clockOffset,
    );
    return post(endpoint, Object.assign(signed, unsigned, traceHeader()), body, limited);
  };

  /** @throws the SDK's exception that the answer stands for */
  const read = async (command: DocumentCommand, answer: Answer, attempts: number): Promise<object> => {
    const [, namespace, name, traits, input, output] = schemaOf(command);
    const operation = { namespace, name, traits, input, output };
    const { statusCode, headers, body } = answer;
    const metadata = { attempts, totalRetryDelay: 0 };
    try {
      const result = await protocol.deserializeResponse(operation, client.config, {
        statusCode,
        headers,
        body,
      });
      Object.assign(result.$metadata, metadata);
      return unmarshallOutput(command, result);
    } catch (error) {
      Object.assign((error as Partial<MetadataBearer>).$metadata ?? {}, metadata);
      throw error;
    }
  };

  /** Access with which a refused call may succeed: fresh credentials, or a corrected clock. Undefined if there is none. */
  const remedyFor = async (
    error: unknown,
    { headers }: Answer,
    refused: Access,
  ): Promise<Access | undefined> => {
    const { name } = error as Error;
    if (EXPIRED.has(name)) return access.replace(refused);
    if (!REFUSED_SIGNATURES.has(name) || headers.date === undefined) return undefined;
    const offset = Date.parse(headers.date) - Date.now();
    if (!(Math.abs(offset - clockOffset) >= SKEW)) return undefined;
    clockOffset = offset;
    return refused;
  };

  return {
    close,
    prepare(command) {
      const operation = operationOf(command);
      const body = bodyOf(command);
      return (limits) =>
        withinTime(limits, async (limited) => {
          const granted = access.now() ?? (await access.fetch());
          const answer = await exchange(operation, body, granted, limited);
          try {
            return await read(command, answer, 1);
          } catch (error) {
            const remedied = await remedyFor(error, answer, granted);
            if (!remedied) throw error;
            return read(command, await exchange(operation, body, remedied, limited), 2);
          }
        });
    },
  };
};
