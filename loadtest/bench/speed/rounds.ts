import { join } from "node:path";
import { processorSeconds } from "../../harness/process-figures.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { type Play, type Played, play, writeRequests } from "./play.ts";
import type { ShopProgram } from "./speed-programs.ts";
import type { Subject } from "./subjects.ts";

export const CONNECTIONS = 64;
const QUIET_TIMEOUT_MS = 10_000;
const QUIET_LOOK_MS = 200;
/** Of processor time between two looks; the clock that counts it ticks every 10 ms. */
const QUIET_SECONDS = 0.03;
/** Checkouts a second to prepare for at the least. */
const LEAST_CHECKOUT_RATE = 600;
const MARGIN = 1.4;

/** One stretch of one subject. Times of processors in microseconds a request, latencies in milliseconds. */
export interface Sample {
  /** When the stretch began and ended, in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly rate: number;
  readonly cpu: number;
  /** Of the database and Redis. */
  readonly servicesCpu: number;
  readonly p50: number;
  readonly p99: number;
  /** Share of the requests. */
  readonly refused: number;
  /** Answers other than the one that was asked for and 503, and connections that broke. */
  readonly failed: number;
}

/** Something that can be measured again and again. */
export interface Contestant {
  readonly name: string;
  readonly title: string;
  /** Whole seconds. */
  readonly measure: (seconds: number) => Promise<Sample>;
}

/** A server of its own that answers one request over and over. @param prepare before each stretch */
export const contestantOf = (
  name: string,
  title: string,
  { url, pid }: { readonly url: string; readonly pid: number },
  dir: string,
  request: string,
  prepare: () => Promise<void>,
): Contestant => {
  const file = join(dir, `${name}.requests`);
  return {
    name,
    title,
    measure: async (seconds) => {
      await prepare();
      await writeRequests(file, [request]);
      const load = { url, file, skip: 0, seconds, connections: CONNECTIONS, counts: false };
      return measured(load, pid, [], 200);
    },
  };
};

/**
 * A server on the shop's data under the requests of a subject.
 *
 * @param server the shop itself unless given
 */
export const shopContestant = (
  subject: Subject,
  shop: ShopProgram,
  dir: string,
  server: Pick<ShopProgram, "url" | "pid"> = shop,
): Contestant => {
  const { name, title, mode, status, isUsedUp = false, isCheap = false } = subject;
  const client = clientOf(shop.url);
  const file = join(dir, `${name}.requests`);
  let isWritten = false;
  let rate = LEAST_CHECKOUT_RATE;
  let played = 0;
  const prepare = async (seconds: number): Promise<void> => {
    if (isWritten && !isUsedUp) return;
    await writeRequests(file, await subject.requests(client, Math.ceil(MARGIN * rate * seconds)));
    isWritten = true;
  };
  return {
    name,
    title,
    measure: async (seconds) => {
      await prepare(seconds);
      await setMode(shop.url, mode);
      await untilQuiet([server.pid, shop.pid, ...shop.servicePids]);
      const skip = isUsedUp ? 0 : played;
      const load = { url: server.url, file, skip, seconds, connections: CONNECTIONS, counts: !isCheap };
      const sample = await measured(load, server.pid, shop.servicePids, status);
      rate = Math.max(rate, sample.rate);
      played += Math.ceil(sample.rate * seconds);
      await shop.emptyLog();
      return sample;
    },
  };
};

/** All processes that share a Redis follow. */
export const setMode = async (url: string, mode: Subject["mode"]): Promise<void> => {
  const client = clientOf(url);
  if ((await client.get("/cache")).body.mode !== mode) await client.put("/cache", { mode });
};

/** Waits until what earlier requests left to do in the background, such as fulfilment, is done. */
export const untilQuiet = async (pids: readonly number[]): Promise<void> => {
  const used = async (): Promise<number> =>
    (await Promise.all(pids.map(processorSeconds))).reduce((sum, seconds) => sum + seconds, 0);
  let before = await used();
  for (const giveUpAt = Date.now() + QUIET_TIMEOUT_MS; Date.now() < giveUpAt; ) {
    await Bun.sleep(QUIET_LOOK_MS);
    const now = await used();
    if (now - before <= QUIET_SECONDS) return;
    before = now;
  }
};

/** The cost of requests played in turn to one process of the shop, by fewer connections than make it queue. */
export const costOf = async (
  shop: Pick<ShopProgram, "url" | "pid" | "servicePids">,
  dir: string,
  requests: readonly string[],
  { connections = 16, seconds = 1, status = 200 } = {},
): Promise<Sample> => {
  const file = join(dir, "cost.requests");
  await writeRequests(file, requests);
  await untilQuiet([shop.pid, ...shop.servicePids]);
  const load = { url: shop.url, file, skip: 0, seconds, connections, counts: true };
  return measured(load, shop.pid, shop.servicePids, status);
};

const measured = async (
  load: Play,
  pid: number,
  servicePids: readonly number[],
  status: number,
): Promise<Sample> => {
  const used = () => Promise.all([pid, ...servicePids].map(processorSeconds));
  const before = await used();
  const from = Date.now();
  const result = await play(load);
  const to = Date.now();
  const after = await used();
  if (result.requests === 0) throw new Error(`${load.url} answered nothing in ${load.seconds} s`);
  const [own = 0, ...services] = after.map((seconds, i) => seconds - (before[i] ?? 0));
  const perRequest = (seconds: number): number => (seconds * 1e6) / result.requests;
  return {
    from,
    to,
    rate: result.requests / result.seconds,
    cpu: perRequest(own),
    servicesCpu: perRequest(services.reduce((sum, seconds) => sum + seconds, 0)),
    p50: result.p50,
    p99: result.p99,
    ...faultsOf(result, status, load.counts),
  };
};

const faultsOf = (
  { requests, errors, broken, statuses }: Played,
  status: number,
  isCounted: boolean,
): Pick<Sample, "refused" | "failed"> => {
  // Uncounted, a read of something that is there fails for no other reason.
  if (!isCounted) return { refused: errors / requests, failed: broken };
  const answers = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const refused = statuses[503] ?? 0;
  return { refused: refused / requests, failed: answers - (statuses[status] ?? 0) - refused + broken };
};
