import { openAnswerReader, type ReadAnswer } from "../../../core/storage/lean/http-answer.ts";
import type { Answer, Output } from "./protocol.ts";

/** Thrown when the database cannot be reached, or ends a connection before its answer. */
export class BackendError extends Error {
  override readonly name = "BackendError";
}

interface Received {
  readonly status: number;
  readonly text: string;
  /** Milliseconds since it was asked. */
  readonly engineMs: number;
}

interface Waiting {
  readonly since: number;
  readonly resolve: (answer: Received) => void;
  readonly reject: (error: Error) => void;
}

interface Connection {
  readonly socket: Bun.Socket<undefined>;
  waiting?: Waiting | undefined;
  readonly reader: ReturnType<typeof openAnswerReader>;
  /** Bytes that the socket had no room for yet. */
  unsent: Buffer | undefined;
}

const write = (connection: Connection, bytes: Buffer): void => {
  const written = connection.socket.write(bytes);
  connection.unsent = written < bytes.length ? bytes.subarray(Math.max(0, written)) : undefined;
};

/** The engine checks that a signature is there, not what it says. */
const SIGNATURE =
  "authorization: AWS4-HMAC-SHA256 Credential=local/20200101/us-east-1/dynamodb/aws4_request, " +
  "SignedHeaders=host, Signature=local\r\nx-amz-date: 20200101T000000Z\r\n";

/**
 * The database behind the layer, by HTTP on kept connections, one request at a time on each. `fetch` would do, but
 * may send a request again when a kept connection breaks, which applies an update that adds to a counter twice; and
 * it costs twice the CPU time.
 */
export const openBackend = (endpoint: string) => {
  const { hostname, port } = new URL(endpoint);
  const idle: Connection[] = [];

  const finish = (connection: Connection, { answer, isKept }: ReadAnswer): void => {
    const { waiting } = connection;
    connection.waiting = undefined;
    if (isKept) idle.push(connection);
    else connection.socket.end();
    if (!waiting) return;
    const engineMs = performance.now() - waiting.since;
    waiting.resolve({ status: answer.statusCode, text: answer.body.toString(), engineMs });
  };

  const connect = async (): Promise<Connection> => {
    let connection: Connection | undefined;
    const end = (reason: string): void => {
      const at = connection ? idle.indexOf(connection) : -1;
      if (at >= 0) idle.splice(at, 1);
      connection?.waiting?.reject(new BackendError(reason));
      if (connection) connection.waiting = undefined;
    };
    const socket = await Bun.connect({
      hostname,
      port: Number(port || 80),
      socket: {
        data: (_, chunk) => {
          if (!connection?.waiting) return;
          try {
            // The runtime uses the chunk's memory again.
            const read = connection.reader.push(Buffer.from(chunk));
            if (read) finish(connection, read);
          } catch (error) {
            end((error as Error).message);
            connection.socket.end();
          }
        },
        drain: () => {
          if (connection?.unsent) write(connection, connection.unsent);
        },
        close: () => end("The database closed the connection before its answer"),
        error: (_, error) => end(error.message),
        connectError: () => undefined,
      },
    }).catch((error: Error) => {
      throw new BackendError(`The database at ${endpoint} does not answer: ${error.message}`);
    });
    socket.setNoDelay(true);
    connection = { socket, reader: openAnswerReader(), unsent: undefined };
    return connection;
  };

  /** @throws BackendError */
  const send = async (target: string, body: string): Promise<Received> => {
    const connection = idle.pop() ?? (await connect());
    return new Promise((resolve, reject) => {
      connection.waiting = { since: performance.now(), resolve, reject };
      write(
        connection,
        Buffer.from(
          `POST / HTTP/1.1\r\nhost: ${hostname}\r\nx-amz-target: ${target}\r\n${SIGNATURE}` +
            `content-type: application/x-amz-json-1.0\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        ),
      );
    });
  };

  return {
    send,
    /** @throws BackendError */
    call: async (target: string, input: object): Promise<Answer> => {
      const { status, text, engineMs } = await send(target, JSON.stringify(input));
      return { status, body: (text === "" ? {} : JSON.parse(text)) as Output, engineMs };
    },
  };
};

export type Backend = ReturnType<typeof openBackend>;
