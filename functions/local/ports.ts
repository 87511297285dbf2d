import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 10;

/**
 * A free loopback port. It is below the range from which outgoing connections take theirs, so that a program may come
 * back to it; and there is room for the port 10,000 above, which a Redis cluster's node takes as well.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 12_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => resolve(true));
    });
    await new Promise((resolve) => probe.close(resolve));
    if (isFree) return port;
  }
};

/** Waits until a loopback port takes connections. @throws Error naming the program, when it does not */
export const untilListening = async (program: string, port: number): Promise<void> => {
  for (const giveUpAt = Date.now() + START_TIMEOUT_MS; Date.now() < giveUpAt; await sleep(POLL_MS)) {
    const isListening = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (isListening) return;
  }
  throw new Error(`${program} did not start`);
};

/**
 * Finds out whether a port is free for a server that lets others share it: binding it would then succeed beside
 * another shop, unnoticed.
 *
 * @throws Error as the server itself would, when it is taken
 */
export const checkPort = async ({ port, host }: { port: number; host: string }): Promise<void> => {
  if (port === 0) return;
  const fetch = (): Response => new Response();
  await Bun.serve({ port, hostname: host, reusePort: false, fetch }).stop(true);
};
