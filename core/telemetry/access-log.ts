import type { Logger } from "@aws-lambda-powertools/logger";
import type { RequestScope } from "../request-scope.ts";
import { METRIC_SERVICE } from "./metrics.ts";

/** Lines of one route that are written in full each second; what comes on top is sampled. */
export const LINES_IN_FULL = 100;
/** Beyond that, one line stands for this many requests. */
export const SAMPLE_WEIGHT = 100;
/** A request that took this long is never sampled away. Milliseconds. */
export const SLOW_MS = 100;

/** Text held back at the most: a reader of the log that stalls must not fill the memory. Characters. */
const MAX_HELD = 1024 * 1024;

/** Powertools' number for the level INFO. */
const INFO = 12;

type LoggedRequest = Pick<RequestScope, "requestId" | "traceId">;

/**
 * The lines of requests that went as they should, one a request. They have the shape of every other log line, but are
 * written by hand and many at a time: through the general formatter a line costs more than the request.
 *
 * At high rates a route's lines are sampled: a line with `weight` stands for that many requests.
 */
export const openAccessLog = (log: Logger) => {
  let held = "";
  let isFlushing = false;
  let lost = 0;
  let second = 0;
  let timestampOf = { ms: 0, text: "" };

  const timestamp = (now: number): string => {
    if (now !== timestampOf.ms) timestampOf = { ms: now, text: new Date(now).toISOString() };
    return timestampOf.text;
  };

  /** Writes what is held back; at the end of a process, too. */
  const flush = (): void => {
    isFlushing = false;
    const lines = held;
    held = "";
    if (lines) process.stdout.write(lines);
    if (lost === 0) return;
    const count = lost;
    lost = 0;
    log.warn("access log lines dropped: standard output is not being read", { lines: count });
  };

  return {
    flush,

    /** The log of one route. */
    ofRoute(route: string) {
      const name = JSON.stringify(route);
      let seen = 0;
      let ownSecond = 0;
      let skipped = 0;

      /**
       * The number of requests that this line stands for; 0 when it is not to be written. Lines skipped in
       * one second count in the next, so that weights add up to the requests.
       */
      const weigh = (isSampled: boolean): number => {
        if (ownSecond !== second) [ownSecond, seen] = [second, 0];
        if (!isSampled) return 1;
        seen += 1;
        const weight = skipped + 1;
        const isWritten = seen <= LINES_IN_FULL || weight === SAMPLE_WEIGHT;
        skipped = isWritten ? 0 : weight;
        return isWritten ? weight : 0;
      };

      /** @param code of a failure that is the request's own: it is never sampled */
      return (now: number, request: LoggedRequest, status: number, ms: number, code?: string): void => {
        const { requestId, traceId } = request;
        if (log.level > INFO) return;
        second = Math.floor(now / 1_000);
        const weight = weigh(code === undefined && ms < SLOW_MS);
        if (weight === 0) return;
        if (held.length > MAX_HELD || process.stdout.writableLength > MAX_HELD) {
          lost += 1;
          return;
        }
        held +=
          `{"timestamp":"${timestamp(now)}","level":"INFO","message":"request","service":"${METRIC_SERVICE}",` +
          `"request_id":${JSON.stringify(requestId)},${traceId === undefined ? "" : `"trace_id":"${traceId}",`}"route":${name},"status":${status},"ms":${Math.round(ms * 1_000) / 1_000}` +
          `${code === undefined ? "" : `,"code":"${code}"`}${weight === 1 ? "" : `,"weight":${weight}`}}\n`;
        if (isFlushing) return;
        isFlushing = true;
        setImmediate(flush);
      };
    },
  };
};

export type AccessLog = ReturnType<typeof openAccessLog>;
