import { createServer, type Server, type Socket } from "node:net";
import { seeded } from "../../harness/random.ts";
import { pump } from "./exchange.ts";
import { type Chaos, type FaultKind, HARMLESS, type ProxySettings, type ProxyStats } from "./proxy-faults.ts";

export interface FaultProxy {
  readonly port: number;
  /** Replaces all settings; what is left out is harmless. */
  readonly set: (settings: Partial<ProxySettings>) => void;
  /**
   * Has the next request that the pattern matches meet a fault, whatever the shares are.
   *
   * @param meanwhile done once the request is carried out, before the client sees the fault
   */
  readonly arm: (kind: Exclude<FaultKind, "reset">, pattern: RegExp, meanwhile?: () => Promise<void>) => void;
  /** Requests carried out that a pattern matches, since the proxy was opened. */
  readonly count: (pattern: RegExp) => number;
  readonly stats: () => ProxyStats;
  /** Has one of the open connections go silent for good, as when the host behind it is gone; false where none is open. */
  readonly silenceOne: () => boolean;
  /** Ends every connection and listens no more. */
  readonly close: () => Promise<void>;
}

export interface ProxyOptions {
  /** The loopback port of the server behind it. */
  readonly to: number;
  /** A run with the same seed and the same traffic meets the same faults. */
  readonly seed?: number;
  /** Whether requests are kept to be counted afterwards. */
  readonly keepsRequests?: boolean;
}

/**
 * Opens a proxy on a free loopback port that breaks connections in the ways a network does. It knows no
 * protocol: what a client sends after an answer is the next request, as in HTTP/1.1 without pipelining. Only for
 * dropping records does it read answers.
 */
export const openProxy = async ({
  to,
  seed = 1,
  keepsRequests = false,
}: ProxyOptions): Promise<FaultProxy> => {
  const chaos: Chaos = {
    random: seeded(seed),
    settings: HARMLESS,
    armed: [],
    counts: {
      ...{ connections: 0, requests: 0, droppedRecords: 0 },
      ...{ reset: 0, cut: 0, hangup: 0, half: 0, stall: 0 },
    },
    requests: keepsRequests ? [] : undefined,
  };
  const open = new Set<Socket>();
  const sound = new Set<readonly [Socket, Socket]>();
  const server = createServer((client) => {
    chaos.counts.connections += 1;
    const pair = [client, pump(client, to, chaos)] as const;
    sound.add(pair);
    for (const socket of pair) {
      open.add(socket);
      socket.once("close", () => {
        open.delete(socket);
        sound.delete(pair);
      });
    }
  });
  const port = await listen(server);
  return {
    port,
    set: (settings) => {
      chaos.settings = { ...HARMLESS, ...settings };
    },
    arm: (kind, pattern, meanwhile = async () => undefined) => {
      chaos.armed.push({ kind, pattern, meanwhile });
    },
    count: (pattern) => chaos.requests?.filter((request) => pattern.test(request)).length ?? 0,
    stats: () => ({ ...chaos.counts }),
    silenceOne: () => {
      const pair = [...sound][Math.floor(chaos.random() * sound.size)];
      if (!pair) return false;
      sound.delete(pair);
      for (const socket of pair) socket.pause();
      return true;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
};

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address) resolve(address.port);
    });
  });
