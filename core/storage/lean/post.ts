import * as http from "node:http";
import * as https from "node:https";
import { crc32 } from "node:zlib";
import { MAX_CONNECTIONS } from "../client.ts";
import { openOutliers } from "./outliers.ts";
import type { Limited } from "./time-limit.ts";

/** Where requests go, as the SDK resolves it. */
export interface Endpoint {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
}

export interface Answer {
  readonly statusCode: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

const cutOff = (): Error =>
  Object.assign(new Error("The connection was closed before the whole answer had come"), {
    code: "ECONNRESET",
  });

/** DynamoDB sends a CRC of each body, against damage on the way. */
const isDamaged = ({ headers, body }: Answer): boolean => {
  const expected = headers["x-amz-crc32"];
  return expected !== undefined && Number(expected) !== crc32(body);
};

/**
 * Sends requests over keep-alive connections. Uses `node:http` because Node's `fetch` silently sends a POST again when a
 * keep-alive connection breaks, which would apply an update that adds to a counter twice.
 */
export const openPoster = () => {
  const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
  const transports = {
    "http:": { request: http.request, agent: new http.Agent(options) },
    "https:": { request: https.request, agent: new https.Agent(options) },
  };

  const outliers = openOutliers();
  /** Closes the connection of an answer where it stands out by its failures. */
  const look = ({ socket }: http.ClientRequest, isWell: boolean): void => {
    if (socket && outliers.note(socket, isWell)) socket.destroy();
  };

  const post = (
    { protocol, hostname, port, path }: Endpoint,
    headers: Record<string, string>,
    body: Uint8Array,
    limited: Limited,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (limited.ended) {
        reject(limited.ended);
        return;
      }
      const { request, agent } = transports[protocol === "http:" ? "http:" : "https:"];
      // A URL has IPv6 addresses in brackets, a socket has not.
      const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
      const outgoing = request({ host, port, path, method: "POST", agent, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("close", () => incoming.complete || reject(cutOff()));
        incoming.on("end", () => {
          const whole = chunks.length === 1 ? chunks[0] : undefined;
          const answer = {
            statusCode: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: whole ?? Buffer.concat(chunks),
          };
          const length = incoming.headers["content-length"];
          if (!incoming.complete || (length !== undefined && Number(length) !== answer.body.length)) {
            reject(cutOff());
            return;
          }
          const isWhole = !isDamaged(answer);
          look(outgoing, isWhole && answer.statusCode < 500);
          if (isWhole) resolve(answer);
          else {
            reject(Object.assign(new Error("The answer does not match its CRC"), { name: "Crc32Error" }));
          }
        });
      });
      outgoing.on("error", reject);
      limited.stop = (reason) => outgoing.destroy(reason);
      outgoing.end(body);
    });

  return {
    post,
    /** Closes the connections, those of requests under way included; later requests open new ones. */
    close: (): void => {
      for (const { agent } of Object.values(transports)) agent.destroy();
    },
  };
};
