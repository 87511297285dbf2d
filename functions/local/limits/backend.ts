import { type Message, openMessages } from "./http-messages.ts";
import { type Outlet, openOutlet } from "./outlet.ts";
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
  readonly ask: (request: string, waiting: Waiting) => void;
}

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

  const connect = async (): Promise<Connection> => {
    const messages = openMessages();
    let outlet: Outlet | undefined;
    let waiting: Waiting | undefined;
    let ended: BackendError | undefined;

    const connection: Connection = {
      ask: (request, asking) => {
        if (ended) return asking.reject(ended);
        waiting = asking;
        outlet?.send(request);
      },
    };
    const end = (reason: string): void => {
      ended = new BackendError(reason);
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
      waiting?.reject(ended);
      waiting = undefined;
    };
    const finish = ({ start, header, body }: Message, socket: Bun.Socket): void => {
      if (!waiting) return;
      const { since, resolve } = waiting;
      waiting = undefined;
      if (header("connection")?.toLowerCase() === "close") socket.end();
      else idle.push(connection);
      resolve({ status: Number(start.slice(9, 12)), text: body, engineMs: performance.now() - since });
    };

    await Bun.connect({
      hostname,
      port: Number(port || 80),
      socket: {
        open: (socket) => {
          socket.setNoDelay(true);
          outlet = openOutlet(socket);
        },
        data: (socket, chunk) => {
          messages.add(chunk);
          try {
            const answer = messages.next();
            if (answer) finish(answer, socket);
          } catch (error) {
            end((error as Error).message);
            socket.end();
          }
        },
        drain: () => outlet?.drain(),
        close: () => end("The database closed the connection before its answer"),
        error: (_, error) => end(error.message),
        connectError: () => undefined,
      },
    }).catch((error: Error) => {
      throw new BackendError(`The database at ${endpoint} does not answer: ${error.message}`);
    });
    return connection;
  };

  /** @throws BackendError */
  const send = async (target: string, body: string): Promise<Received> => {
    const connection = idle.pop() ?? (await connect());
    return new Promise((resolve, reject) => {
      connection.ask(
        `POST / HTTP/1.1\r\nhost: ${hostname}\r\nx-amz-target: ${target}\r\n${SIGNATURE}` +
          `content-type: application/x-amz-json-1.0\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        { since: performance.now(), resolve, reject },
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
