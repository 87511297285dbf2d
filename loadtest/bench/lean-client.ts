import type { Socket } from "bun";

/** A request as bytes on the wire; `host` and `content-length` are added. */
export interface LeanRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

interface Connection {
  readonly socket: Socket<Connection>;
  /** Of the answer that is being read: its bytes so far, and who waits for its status (0: none came). */
  received: Buffer;
  settle: ((status: number) => void) | undefined;
}

/**
 * An HTTP/1.1 client for a load generator that shares its processor with what it loads: it costs a fifth of `fetch`,
 * because it reads no more of an answer than its status and length. It expects answers with `content-length`, which is
 * what the shop sends.
 *
 * @param connections kept open at the most; more requests wait for one
 */
export const leanClient = (url: string, connections: number) => {
  const { hostname, port } = new URL(url);
  const idle: Connection[] = [];
  const waiting: ((connection: Connection | undefined) => void)[] = [];
  let open = 0;

  const release = (connection: Connection): void => {
    const next = waiting.shift();
    if (next) next(connection);
    else idle.push(connection);
  };
  const settle = (connection: Connection, status: number): void => {
    const { settle } = connection;
    connection.settle = undefined;
    settle?.(status);
  };
  const closed = (connection: Connection): void => {
    open -= 1;
    const at = idle.indexOf(connection);
    if (at >= 0) idle.splice(at, 1);
    settle(connection, 0);
    waiting.shift()?.(undefined);
  };

  const connect = async (): Promise<Connection> => {
    open += 1;
    try {
      const socket = await Bun.connect<Connection>({
        hostname,
        port: Number(port),
        socket: {
          data: ({ data: connection }, chunk) => {
            connection.received =
              connection.received.length === 0 ? chunk : Buffer.concat([connection.received, chunk]);
            const status = statusOf(connection.received);
            if (status === undefined) return;
            connection.received = NOTHING;
            settle(connection, status);
            release(connection);
          },
          close: ({ data: connection }) => closed(connection),
          error: ({ data: connection }) => connection.socket.terminate(),
        },
      });
      socket.data = { socket, received: NOTHING, settle: undefined };
      return socket.data;
    } catch (error) {
      open -= 1;
      throw error;
    }
  };

  const take = async (): Promise<Connection> => {
    const ready = idle.pop();
    if (ready) return ready;
    if (open < connections) return connect();
    return (await new Promise<Connection | undefined>((resolve) => waiting.push(resolve))) ?? take();
  };

  const exchange = (connection: Connection, request: LeanRequest): Promise<number> =>
    new Promise((resolve) => {
      connection.settle = resolve;
      connection.socket.write(textOf(request, `${hostname}:${port}`));
    });

  return {
    /**
     * Opens connections before the load begins, each with a request: Bun accepts a connection once it has one
     * (TCP_DEFER_ACCEPT), and its listener's backlog of 512 would drop what a burst opens for seconds.
     */
    warmUp: async (count: number, request: LeanRequest): Promise<void> => {
      const warmed: Connection[] = [];
      while (open < Math.min(count, connections)) {
        const opened = await Promise.all(Array.from({ length: OPENED_AT_ONCE }, connect));
        await Promise.all(opened.map((connection) => exchange(connection, request)));
        warmed.push(...idle.splice(0));
      }
      idle.push(...warmed);
    },

    /** @returns the status, or 0 when no answer came */
    send: async (request: LeanRequest): Promise<number> => {
      try {
        const connection = await take();
        return await exchange(connection, request);
      } catch {
        return 0;
      }
    },
    close: (): void => {
      for (const { socket } of idle.splice(0)) socket.end();
    },
  };
};

const OPENED_AT_ONCE = 100;
const NOTHING = Buffer.alloc(0);
const HEADERS_END = Buffer.from("\r\n\r\n");
const STATUS_FROM = "HTTP/1.1 ".length;
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

/** The status of a whole answer; undefined while some of it is missing. */
const statusOf = (received: Buffer): number | undefined => {
  const headersEnd = received.indexOf(HEADERS_END);
  if (headersEnd < 0) return undefined;
  const head = received.toString("latin1", 0, headersEnd);
  const length = Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0);
  if (received.length < headersEnd + HEADERS_END.length + length) return undefined;
  return Number(head.slice(STATUS_FROM, STATUS_FROM + 3));
};

const textOf = ({ method, path, body }: LeanRequest, host: string): string =>
  body === undefined
    ? `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${method === "GET" ? "" : "content-length: 0\r\n"}\r\n`
    : `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
