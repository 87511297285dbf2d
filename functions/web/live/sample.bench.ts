/**
 * A program that measures the console's own work in a second of 5,000 requests: reading the metrics, merging them and
 * turning them into text, whether or not a page is open; and compressing and sending that text to a page. Prints rows.
 */
import type { Server } from "bun";
import { openShop } from "../../../core/open-shop.ts";
import { streamEvents } from "./events.ts";
import type { History } from "./history.ts";
import { openMomentLog } from "./moment-log.ts";
import { openReader } from "./reading.ts";
import { sampleOf } from "./sample.ts";

const PER_SECOND = 5_000;
const ROUTES = ["a", "b", "c", "d", "e", "f"].map((name) => `GET /products/${name}`);
const WARM_SECONDS = 200;
const SECONDS = 400;
const SHAPE_MS = 3;

const { metrics, ...rest } = openShop();
const read = openReader({ metrics, ...rest }, () => 3);

const aSecondOfRequests = (): void => {
  for (let n = 0; n < PER_SECOND; n++) {
    const route = ROUTES[n % ROUTES.length] ?? "";
    metrics.add("Requests", 1, route);
    metrics.observe("Latency", -Math.log(1 - Math.random()) * SHAPE_MS, route);
  }
};

const log = openMomentLog();
const history: History = { ...log, mark: () => undefined };
const server = { timeout: () => undefined } as unknown as Server<undefined>;
const request = new Request("http://shop/console/events", { headers: { "accept-encoding": "gzip" } });
const page = streamEvents(history, request, server).body?.getReader();

/** CPU of the whole process, its compressing threads included, in milliseconds. */
const cpuOf = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};

await page?.read(); // The past, of which there is none.
let data = 0;
let stream = 0;
for (let id = 1; id <= WARM_SECONDS + SECONDS; id++) {
  aSecondOfRequests();
  let json = "";
  const ofData = await cpuOf(() => {
    json = JSON.stringify(sampleOf([{ name: "first", state: "up", reading: read() }]));
  });
  const ofStream = await cpuOf(() => {
    log.add({ id, json });
    return page?.read();
  });
  if (id <= WARM_SECONDS) continue;
  data += ofData / SECONDS;
  stream += ofStream / SECONDS;
}
const row = (work: string, ms: number) => ({ work, "CPU ms a second": Number(ms.toFixed(2)) });
const rows = [row("reading and merging, open or not", data), row("the stream of one open page", stream)];
process.stdout.write(JSON.stringify(rows));
process.exit(0);
