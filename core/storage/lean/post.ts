import { connect, isIP, type Socket } from "node:net";
import * as tls from "node:tls";
import { crc32 } from "node:zlib";
import { MAX_CONNECTIONS } from "../client.ts";
import { type Answer, openAnswerReader, type ReadAnswer } from "./http-answer.ts";
import { openOutliers } from "./outliers.ts";
import type { Limited } from "./time-limit.ts";

/** Where requests go, as the SDK resolves it. */
export interface Endpoint {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
}

/** A call that waits for its answer. */
interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

interface Connection {
  readonly socket: Socket;
  waiting: Waiting | undefined;
}

const cutOff = (): Error =>
  Object.assign(new Error("The connection was closed before the whole answer had come"), {
    code: "ECONNRESET",
  });

const damaged = (): Error =>
  Object.assign(new Error("The answer does not match its CRC"), { name: "Crc32Error" });

/** DynamoDB sends a CRC of each body, against damage on the way. */
const isDamaged = ({ headers, body }: Answer): boolean => {
  const expected = headers["x-amz-crc32"];
  return expected !== undefined && Number(expected) !== crc32(body);
};

/** Characters that would end a header, or that HTTP does not know (RFC 9110, section 5.5). */
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

/** @throws TypeError for a header that HTTP does not allow */
const requestOf = (path: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Buffer => {
  let head = `POST ${path} HTTP/1.1\r\n`;
  for (const name in headers) {
    const value = headers[name] ?? "";
    if (FORBIDDEN.test(value)) throw new TypeError(`The header ${name} has a forbidden character`);
    head += `${name}: ${value}\r\n`;
  }
  head += "connection: keep-alive\r\n\r\n";
  const bytes = Buffer.allocUnsafe(head.length + body.byteLength);
  bytes.write(head, "latin1");
  bytes.set(body, head.length);
  return bytes;
};

/** Milliseconds after which the system asks whether an idle connection is still there. */
const PROBE_AFTER = 60_000;

/**
 * Sends requests over keep-alive connections, one at a time on each. Calls beyond {@link MAX_CONNECTIONS} wait for
 * others to end: a bulkhead holds them up before, where there is one. `fetch` would do on Bun, but on Node it silently sends a POST again when a keep-alive connection
 * breaks, and would apply an update that adds to a counter twice. `node:http` takes 40 µs of a call's CPU time on Bun.
 */
export const openPoster = () => {
  const outliers = openOutliers();
  const open = new Set<Connection>();
  /** By address; the one used last goes first, so that those that a burst opened are left to the service to close. */
  const idle = new Map<string, Connection[]>();
  const sessions = new Map<string, Buffer>();
  let busy = 0;
  const line: (() => void)[] = [];

  const startWaiting = (): void => {
    while (busy < MAX_CONNECTIONS && line.length > 0) line.shift()?.();
  };

  /** The call that a connection has been busy with. */
  const release = (connection: Connection): Waiting | undefined => {
    const { waiting } = connection;
    if (waiting) busy -= 1;
    connection.waiting = undefined;
    return waiting;
  };

  const openSocket = (address: string, { protocol, hostname, port }: Endpoint): Socket => {
    // A URL has IPv6 addresses in brackets, a socket has not.
    const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
    if (protocol === "http:") return connect({ host, port: port ?? 80 });
    const name = isIP(host) ? {} : { servername: host };
    // With the ticket of an earlier connection, a handshake is shorter.
    const socket = tls.connect({ host, port: port ?? 443, ...name, session: sessions.get(address) });
    return socket.on("session", (session: Buffer) => sessions.set(address, session));
  };

  const dial = (address: string, endpoint: Endpoint): Connection => {
    const socket = openSocket(address, endpoint);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, PROBE_AFTER);
    const connection: Connection = { socket, waiting: undefined };
    open.add(connection);
    const reader = openAnswerReader();

    const fail = (error: Error): void => {
      release(connection)?.reject(error);
      socket.destroy();
      startWaiting();
    };
    const take = ({ answer, isKept }: ReadAnswer): void => {
      const waiting = release(connection);
      const isWhole = !isDamaged(answer);
      const isOutlier = outliers.note(connection, isWhole && answer.statusCode < 500);
      if (isKept && !isOutlier) keep(address, connection);
      else socket.destroy();
      if (isWhole) waiting?.resolve(answer);
      else waiting?.reject(damaged());
      startWaiting();
    };
    const read = (step: () => ReadAnswer | undefined): void => {
      try {
        const whole = step();
        if (whole) take(whole);
      } catch (error) {
        fail(error as Error);
      }
    };

    socket.on("data", (chunk: Buffer) => {
      // Bytes without a request would be taken for the next one's answer.
      if (connection.waiting) read(() => reader.push(chunk));
      else socket.destroy();
    });
    socket.on("end", () => read(reader.end));
    socket.on("error", fail);
    socket.on("close", () => {
      open.delete(connection);
      const others = idle.get(address)?.filter((other) => other !== connection) ?? [];
      idle.set(address, others);
      fail(cutOff());
    });
    return connection;
  };

  /** An idle connection does not keep the process alive. */
  const keep = (address: string, connection: Connection): void => {
    connection.socket.unref();
    const others = idle.get(address);
    if (others) others.push(connection);
    else idle.set(address, [connection]);
  };

  const reuse = (address: string): Connection | undefined => {
    const kept = idle.get(address);
    let connection = kept?.pop();
    while (connection && !connection.socket.writable) connection = kept?.pop();
    connection?.socket.ref();
    return connection;
  };

  const post = (
    endpoint: Endpoint,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
    limited: Limited,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const request = requestOf(endpoint.path, headers, body);
      const address = `${endpoint.protocol}//${endpoint.hostname}:${endpoint.port ?? ""}`;
      const start = (): void => {
        if (limited.ended) {
          reject(limited.ended);
          return;
        }
        const connection = reuse(address) ?? dial(address, endpoint);
        const waiting = { resolve, reject };
        connection.waiting = waiting;
        busy += 1;
        limited.stop = (reason) => {
          if (connection.waiting === waiting) connection.socket.destroy(reason);
        };
        connection.socket.write(request);
      };
      if (busy < MAX_CONNECTIONS) start();
      else line.push(start);
    });

  return {
    post,
    /** Closes the connections, those of requests under way included; later requests open new ones. */
    close: (): void => {
      for (const { socket } of open) socket.destroy();
    },
  };
};
