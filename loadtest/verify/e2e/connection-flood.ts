import { connect, type Socket } from "node:net";

/** So many at a time, so that no connection waits in a full backlog. */
const CONNECTED_AT_ONCE = 500;

/** Most milliseconds after which a refused client comes again. */
const RETRY_MS = 1_000;

/** Connections that are open and wait for the word to ask. */
export interface Flood {
  /**
   * Sends one request on every connection at once, and again where the process is too busy to take it.
   *
   * @returns the final answers, with head and body
   */
  readonly ask: (path: string) => Promise<string[]>;
  readonly close: () => void;
}

/**
 * Opens connections, each for one request at a time: more requests at once than any pool of a usual client
 * lets out.
 */
export const openFlood = async (url: string, connections: number): Promise<Flood> => {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  while (sockets.length < connections) {
    const next = Math.min(CONNECTED_AT_ONCE, connections - sockets.length);
    const opening = Array.from({ length: next }, () => connected(hostname, Number(port)));
    sockets.push(...(await Promise.all(opening)));
  }
  return {
    ask: (path) => {
      const request = `GET ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`;
      return Promise.all(sockets.map((socket) => finalAnswerOn(socket, request)));
    },
    close: () => sockets.forEach((socket) => void socket.destroy()),
  };
};

const connected = (host: string, port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });

const finalAnswerOn = async (socket: Socket, request: string): Promise<string> => {
  for (;;) {
    const answer = await answerOn(socket, request);
    if (!answer.startsWith("HTTP/1.1 503")) return answer;
    await Bun.sleep(Math.random() * RETRY_MS);
  }
};

/** Sends a request and waits for as much body as the answer announces. */
const answerOn = (socket: Socket, request: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let received = "";
    const read = (chunk: Buffer): void => {
      received += chunk.toString("latin1");
      const length = /\r\ncontent-length: (\d+)/i.exec(received)?.[1];
      const bodyAt = received.indexOf("\r\n\r\n") + 4;
      if (bodyAt < 4 || length === undefined || received.length < bodyAt + Number(length)) return;
      socket.off("data", read);
      resolve(received);
    };
    socket.on("data", read);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("The connection ended before the answer")));
    socket.write(request);
  });
