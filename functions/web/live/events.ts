import type { Server } from "bun";
import { SECURITY_HEADERS } from "../../middleware/result.ts";
import { lifecycle } from "../../operations/lifecycle.ts";
import type { History, Moment } from "./history.ts";

/** Events held for a reader that does not take them; it comes back and resumes when it does. */
const MOST_HELD = 30;

/** Tells one process's ids from another's: a browser resumes with the last one it has. */
const RUN = crypto.randomUUID().slice(0, 8);

const HEADERS = {
  ...SECURITY_HEADERS,
  "content-type": "text/event-stream",
  "cache-control": "no-store",
};

/** The seconds as server-sent events: those that the reader has missed in one, then each as it passes. */
export const streamEvents = (history: History, request: Request, server: Server<undefined>): Response => {
  server.timeout(request, 0);
  const encoder = new TextEncoder();
  let end: () => void = () => undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (moments: readonly Moment[]): void => {
          const id = moments.at(-1)?.id ?? 0;
          controller.enqueue(
            encoder.encode(`id: ${RUN}-${id}\nretry: 500\ndata: ${JSON.stringify(moments)}\n\n`),
          );
        };
        const stop = history.listen((moment) => {
          if (lifecycle.isDraining || (controller.desiredSize ?? 0) <= 0) {
            end();
            controller.close();
          } else send([moment]);
        });
        end = stop;
        send(history.since(lastIdOf(request)));
      },
      cancel: () => end(),
    },
    { highWaterMark: MOST_HELD },
  );
  return new Response(body, { headers: HEADERS });
};

/** 0 for a reader that has nothing of this process. */
const lastIdOf = (request: Request): number => {
  const [run, id] = (request.headers.get("last-event-id") ?? "").split("-");
  return run === RUN ? Number(id) || 0 : 0;
};
