import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The bytes that came back over a connection, and whether the server ended it. */
export interface RawAnswer {
  readonly text: string;
  readonly isClosed: boolean;
}

/** For the first byte of a shop on a busy machine. */
const FIRST_BYTE_MS = 30_000;

/**
 * Sends bytes as they are and gives what comes back, until the server closes or has been silent.
 *
 * @param parts latin1, sent one after the other
 * @param silenceMs after which no more is to be expected of a server that has begun to answer
 */
export const exchange = async (
  url: string,
  parts: readonly string[],
  silenceMs: number,
): Promise<RawAnswer> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = "";
  let isClosed = false;
  let heardAt = performance.now();
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    heardAt = performance.now();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    isClosed = true;
  });
  await once(socket, "connect");
  for (const part of parts) {
    if (isClosed) break;
    socket.write(Buffer.from(part, "latin1"));
    if (parts.length > 1) await sleep(5);
    heardAt = performance.now();
  }
  const patience = (): number => (text === "" ? FIRST_BYTE_MS : silenceMs);
  while (!isClosed && performance.now() - heardAt < patience()) await sleep(5);
  socket.destroy();
  return { text, isClosed };
};

/** Of all answers in a text, in their order. */
export const statusesOf = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
