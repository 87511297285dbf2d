/**
 * Clients that open a connection for each request, as fast as they are answered. A program, so that it has a
 * processor of its own:
 *
 *     bun connection-load.ts '{"url": …, "path": …, "clients": 64, "requests": 20000}'
 *
 * prints how many requests were answered once it has sent them all.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { endChildWithThisProcess } from "../../harness/end-with-process.ts";

export interface ConnectionLoad {
  readonly url: string;
  readonly path: string;
  readonly clients: number;
  readonly requests: number;
}

const generate = async ({ url, path, clients, requests }: ConnectionLoad): Promise<number> => {
  const { hostname, port } = new URL(url);
  const request = `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`;
  let left = requests;
  let answered = 0;
  const ask = (): Promise<void> =>
    new Promise((resolve) => {
      let hasAnswer = false;
      const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(request));
      socket.on("data", () => {
        hasAnswer = true;
      });
      socket.once("error", () => undefined);
      socket.once("close", () => {
        if (hasAnswer) answered += 1;
        resolve();
      });
    });
  const client = async (): Promise<void> => {
    while (left-- > 0) await ask();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return answered;
};

export interface RunningLoad {
  readonly isDone: () => boolean;
  /** How many requests were answered, once it is done. */
  readonly answered: Promise<number>;
  readonly stop: () => void;
}

/** Runs the load in a process of its own. */
export const startConnectionLoad = (load: ConnectionLoad): RunningLoad => {
  const child = spawn(process.execPath, [import.meta.filename, JSON.stringify(load)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  endChildWithThisProcess(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  let isDone = false;
  const answered = once(child, "close").then(() => {
    isDone = true;
    return Number(output);
  });
  return { isDone: () => isDone, answered, stop: () => void child.kill("SIGKILL") };
};

if (import.meta.main) console.log(await generate(JSON.parse(process.argv[2] ?? "{}") as ConnectionLoad));
