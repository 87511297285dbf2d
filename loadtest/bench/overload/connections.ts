import { clientOf } from "../../harness/shop-client.ts";
import type { Row } from "../benchmark.ts";
import { rounded } from "../rounding.ts";
import { outputOf } from "../wrk.ts";
import { productReads } from "./kinds.ts";
import { type OverloadStage, withShop } from "./overload-stage.ts";
import { askSteadily } from "./steady.ts";

const CLIENTS = 64;
const PER_SECOND = 50;
const SECONDS = 5;
const LOOK_EVERY_MS = 100;
const PATHS = [
  "/openapi.json",
  "/docs",
  "/",
  "/health",
  "/nowhere",
  "/products/../health",
  "/products/1",
  "/products/0",
  "/cart/ann",
];

/** Other customers' product reads, and timers, beside clients that open a connection for each request. */
export const measureConnections = ({ dir, seconds = SECONDS }: OverloadStage) =>
  withShop(dir, async ({ url }, products): Promise<Record<string, Row[]>> => {
    const rows: Row[] = [];
    for (const path of [undefined, ...PATHS]) {
      const load = path === undefined ? undefined : openConnections(url + path, seconds);
      const lateness = watchTimers(url);
      const tally = await askSteadily(url, [productReads(products)], PER_SECOND, seconds);
      rows.push({
        "64 clients on": path ?? "baseline: nothing",
        "their requests/s": load ? Math.round((await load) / seconds) : 0,
        "product p50 ms": rounded(tally.median, 1),
        "product p99 ms": rounded(tally.p99, 1),
        "timers late ms": await lateness.worst(),
        refused: tally.refused,
        failed: tally.failures.length,
      });
    }
    return { "beside a connection a request": rows };
  });

/** @returns how many requests were answered */
const openConnections = async (url: string, seconds: number): Promise<number> => {
  const options = ["-t1", `-c${CLIENTS}`, `-d${seconds}s`, "-H", "Connection: close", url];
  return Number(/(\d+) requests in/.exec(await outputOf("wrk", options))?.[1] ?? 0);
};

/** The greatest lateness of the process's own timer, as its health check says, until it is asked for. */
const watchTimers = (url: string) => {
  const client = clientOf(url);
  let worst = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      worst = Math.max(worst, (await client.get("/health")).body.event_loop_delay_ms);
      await Bun.sleep(LOOK_EVERY_MS);
    }
  })();
  return {
    worst: async (): Promise<number> => {
      isOver = true;
      await watching;
      return worst;
    },
  };
};
