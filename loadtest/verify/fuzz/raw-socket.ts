import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The bytes that came back over a connection, and whether the server ended it. */
export interface RawAnswer {
  readonly text: string;
  readonly isClosed: boolean;
}

/**
 * Sends bytes as they are and gives what comes back, until the server closes or has been silent.
 *
 * @param parts latin1, sent one after the other
 * @param silenceMs after which no more is to be expected
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
  while (!isClosed && performance.now() - heardAt < silenceMs) await sleep(5);
  socket.destroy();
  return { text, isClosed };
};

/** Of all answers in a text, in their order. */
export const statusesOf = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
