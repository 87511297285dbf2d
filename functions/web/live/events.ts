import { constants, createGzip } from "node:zlib";
import type { Server } from "bun";
import { preferredEncoding } from "../../http/accept-encoding.ts";
import { SECURITY_HEADERS } from "../../middleware/result.ts";
import { lifecycle } from "../../operations/lifecycle.ts";
import type { History } from "./history.ts";
import type { KeptMoment } from "./moment-log.ts";

/** Chunks held for a reader that does not take them; it comes back and resumes when it does. */
const MOST_HELD = 30;

const HEADERS = {
  ...SECURITY_HEADERS,
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  vary: "accept-encoding",
};

const DRAINING = { status: 503, headers: { ...SECURITY_HEADERS, connection: "close" } };

/** The seconds as server-sent events: those that the reader has missed in one, then each as it passes. */
export const streamEvents = (history: History, request: Request, server: Server<undefined>): Response => {
  // A stream begun now would only be cut, and its retries would hold up the drain.
  if (lifecycle.isDraining) return new Response(null, DRAINING);
  server.timeout(request, 0);
  const isPlain = preferredEncoding(request.headers.get("accept-encoding")) === "identity";
  let end: () => void = () => undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = isPlain ? encodeTo(controller) : compressTo(controller);
        const send = (moments: readonly KeptMoment[]): void => {
          const id = moments.at(-1)?.id ?? 0;
          write(
            `id: ${history.run}-${id}\nretry: 500\ndata: [${moments.map(({ json }) => json).join()}]\n\n`,
          );
        };
        const stop = history.listen((moment) => {
          if (lifecycle.isDraining || (controller.desiredSize ?? 0) <= 0) {
            end();
            controller.close();
          } else send([moment]);
        });
        end = stop;
        send(history.since(lastIdOf(request, history)));
      },
      cancel: () => end(),
    },
    { highWaterMark: MOST_HELD },
  );
  return new Response(body, {
    headers: isPlain ? HEADERS : { ...HEADERS, "content-encoding": "gzip" },
  });
};

type Controller = ReadableStreamDefaultController<Uint8Array>;

const encodeTo = (controller: Controller): ((text: string) => void) => {
  const encoder = new TextEncoder();
  return (text) => controller.enqueue(encoder.encode(text));
};

/** Ten minutes are a megabyte or two of much the same text. One stream of gzip, flushed after each event. */
const compressTo = (controller: Controller): ((text: string) => void) => {
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
  gzip.on("data", (chunk: Buffer) => {
    // The reader may have gone, or been let go, while this was compressed.
    try {
      controller.enqueue(new Uint8Array(chunk));
    } catch {
      gzip.destroy();
    }
  });
  return (text) => void gzip.write(text);
};

/** 0 for a reader that has nothing of this history. */
const lastIdOf = (request: Request, history: History): number => {
  const [run, id] = (request.headers.get("last-event-id") ?? "").split("-");
  return run === history.run ? Number(id) || 0 : 0;
};
