import { once } from "node:events";
import { connect, type Socket } from "node:net";

const LARGEST = "/docs/swagger-ui-bundle.js";
const CONNECTED_AT_ONCE = 200;

/** One step of each slow client a second, a part of them at a time: all at once would be a burst. */
const STEP_MS = 1_000;
const PARTS = 50;

export interface SlowClients {
  /** Connections that send nothing. */
  readonly idle: number;
  /** Send a byte a second: half of them of a request's head, half of a body. */
  readonly senders: number;
  /** Ask for the largest file and take a chunk of it a second. */
  readonly readers: number;
}

type Step = () => void;

/** Opens clients that keep a server's connections and hardly use them. Those that it ends come again. */
export const openSlowClients = async (url: string, { idle, senders, readers }: SlowClients) => {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const steps: Step[] = [];
  let isOver = false;
  let ended = 0;

  const open = async (begin: (socket: Socket) => Step | undefined): Promise<void> => {
    const socket = connect(Number(port), hostname).on("error", () => undefined);
    sockets.add(socket);
    await once(socket, "connect");
    const step = begin(socket);
    if (step) steps.push(step);
    socket.once("close", () => {
      sockets.delete(socket);
      if (step) steps.splice(steps.indexOf(step), 1);
      ended += 1;
      if (!isOver) void open(begin).catch(() => undefined);
    });
  };

  const size = (await (await fetch(url + LARGEST)).bytes()).length;
  const kinds = [
    ...Array.from({ length: idle }, () => () => undefined),
    ...Array.from({ length: senders }, (_, at) => (at % 2 === 0 ? sendHeadSlowly : sendBodySlowly)),
    ...Array.from({ length: readers }, () => readSlowly(size)),
  ];
  for (let at = 0; at < kinds.length; at += CONNECTED_AT_ONCE)
    await Promise.all(kinds.slice(at, at + CONNECTED_AT_ONCE).map(open));

  let part = 0;
  const timer = setInterval(() => {
    part = (part + 1) % PARTS;
    for (let at = part; at < steps.length; at += PARTS) steps[at]?.();
  }, STEP_MS / PARTS);

  return {
    connections: () => sockets.size,
    /** Connections that the server has ended. */
    ended: () => ended,
    close: () => {
      isOver = true;
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
};

const sendHeadSlowly = (socket: Socket): Step => {
  socket.resume().write("GET /products/1 HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  return () => void socket.write("x");
};

const sendBodySlowly = (socket: Socket): Step => {
  const head = "POST /cart/slow/items HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  socket.resume().write(`${head}Content-Length: 60000\r\n\r\n`);
  return () => void socket.write(" ");
};

const readSlowly =
  (size: number) =>
  (socket: Socket): Step => {
    const ask = (): void => void socket.write(`GET ${LARGEST} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    let received = 0;
    socket.on("data", (chunk) => {
      socket.pause();
      received += chunk.length;
      if (received < size) return;
      received = 0;
      ask();
    });
    ask();
    return () => void socket.resume();
  };
