import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { endWithTests } from "./end-with-tests.ts";

/** A way to a server on which things can go wrong. */
export interface Proxy {
  readonly port: number;
  /** Milliseconds that every piece of data takes longer, each way. */
  readonly delayBy: (ms: number) => void;
  /** The open connections die without a word, as with a host that vanishes; new ones are fine. */
  readonly blackHole: () => void;
  /** Connections opened from now on lead to another port; open ones stay where they are. */
  readonly leadTo: (port: number) => void;
}

/** Starts a proxy to a loopback port. It ends with the test file. */
export const startProxy = async (targetPort: number): Promise<Proxy> => {
  let target = targetPort;
  let delay = 0;
  const pairs = new Set<{ isDead: boolean; isDelayed: boolean }>();
  const sockets = new Set<Socket>();

  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    const pair = { isDead: false, isDelayed: false };
    pairs.add(pair);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on("error", () => undefined);
      from.on("data", (chunk) => {
        if (pair.isDead) return;
        if (delay === 0 && !pair.isDelayed) to.write(chunk);
        else {
          // Once delayed, a connection goes on through timers, or later data would overtake earlier.
          pair.isDelayed = true;
          setTimeout(() => pair.isDead || to.write(chunk), delay);
        }
      });
      from.on("close", () => {
        sockets.delete(from);
        if (!pair.isDead) to.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  endWithTests(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    delayBy: (ms) => {
      delay = ms;
    },
    blackHole: () => {
      for (const pair of pairs) pair.isDead = true;
    },
    leadTo: (port) => {
      target = port;
    },
  };
};
