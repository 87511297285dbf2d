import { connect, type Socket } from "node:net";
import { readProcess } from "../../harness/process-figures.ts";
import { clientOf } from "../../harness/shop-client.ts";
import type { Row } from "../benchmark.ts";
import { rounded } from "../rounding.ts";
import { type OverloadStage, withShop } from "./overload-stage.ts";

const ASSET = "/docs/swagger-ui-bundle.js";
const READERS = [1_000, 2_000];
const CONNECTED_AT_ONCE = 200;
const SECONDS = 5;

/** Memory cost of clients that ask for the largest asset and then do not read it. */
export const measureSlowReaders = ({ dir, seconds = SECONDS }: OverloadStage) =>
  withShop(dir, async ({ url, pid }): Promise<Record<string, Row[]>> => {
    const client = clientOf(url);
    const memory = async (): Promise<number> => (await readProcess(pid))?.memoryMb ?? Number.NaN;
    await (await fetch(url + ASSET)).arrayBuffer();
    const before = await memory();
    const rows: Row[] = [
      { readers: "baseline: none", "RSS MB": Math.round(before), "grown MB": 0, health: 200 },
    ];
    for (const count of READERS) {
      const readers = await openReaders(url, count);
      try {
        await Bun.sleep(seconds * 1_000);
        const startedAt = performance.now();
        const { status } = await client.get("/health");
        rows.push({
          readers: count,
          "RSS MB": Math.round(await memory()),
          "grown MB": Math.round((await memory()) - before),
          health: status,
          "health answered after ms": rounded(performance.now() - startedAt, 1),
          "still connected": readers.filter(({ destroyed }) => !destroyed).length,
        });
      } finally {
        for (const reader of readers) reader.destroy();
        await Bun.sleep(1_000);
      }
    }
    return { "clients that do not read": rows };
  });

/** Connections that have asked, and read nothing. */
const openReaders = async (url: string, count: number): Promise<Socket[]> => {
  const { hostname, port } = new URL(url);
  const readers: Socket[] = [];
  while (readers.length < count) {
    const opening = Array.from({ length: Math.min(CONNECTED_AT_ONCE, count - readers.length) }, () =>
      openReader(hostname, Number(port)),
    );
    readers.push(...(await Promise.all(opening)));
  }
  return readers;
};

const openReader = (host: string, port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port }, () => {
      socket.pause();
      socket.write(`GET ${ASSET} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, () => resolve(socket));
    });
    socket.once("error", reject);
    socket.on("error", () => undefined);
  });
