import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { crc32 } from "node:zlib";

export interface CapturedRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Script = (response: ServerResponse, request: CapturedRequest) => void;

/** An answer as DynamoDB gives it: JSON with its CRC. */
export const answering =
  (status: number, body: object | string, headers: Record<string, string> = {}): Script =>
  (response) => {
    const bytes = typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, {
      "content-type": "application/x-amz-json-1.0",
      "x-amzn-requestid": "REQUEST",
      "x-amz-crc32": String(crc32(bytes)),
      ...headers,
    });
    response.end(bytes);
  };

/** An HTTP server in DynamoDB's place that keeps what it is asked and answers by a script: one for all, or the last. */
export const startScriptedDynamoDB = async () => {
  const requests: CapturedRequest[] = [];
  let script: Script[] = [answering(200, {})];
  const server = createServer(async (incoming, response) => {
    const request = {
      method: incoming.method,
      url: incoming.url,
      headers: incoming.headers,
      body: await text(incoming),
    };
    requests.push(request);
    const step = script.length > 1 ? script.shift() : script[0];
    step?.(response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    /** Answers by these from now on, one each; by the last of them whatever follows. */
    play: (...steps: Script[]): void => {
      script = steps;
      requests.length = 0;
    },
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
