import { connect, createServer } from "node:net";

const POLL_MS = 10;
const START_TIMEOUT_MS = 15_000;

/** Waits until a loopback port takes connections. @throws Error naming the program, when it does not */
export const untilListening = async (program: string, port: number): Promise<void> => {
  for (const giveUpAt = Date.now() + START_TIMEOUT_MS; Date.now() < giveUpAt; await Bun.sleep(POLL_MS)) {
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

/** A free port that outgoing connections do not take meanwhile, so that one may come back to it. */
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
