import { median, percentile } from "../../report/statistics.ts";
import { setBenchStage } from "../bench-stage.ts";
import type { Row } from "../benchmark.ts";
import { type LoadAnswer, openLoad, type RequestKind } from "../open-load.ts";
import { rounded } from "../rounding.ts";
import { startBusyLoops } from "./busy-loops.ts";
import { CHECKOUT, READ, WRITE } from "./kinds.ts";

const PRODUCTS = 5_000;
/**
 * Of 200 requests. A customer looks around far more than he orders, or what may not be refused would take all of the
 * machine at three times the peak: a checkout costs as much as ten reads.
 */
const MIX = { browse: 140, search: 40, "view-cart": 16, cart: 3, checkout: 1 } as const;
/** Milliseconds after which an answer is late; a request counts from when it was due. */
const OBJECTIVES: Readonly<Record<RequestKind, number>> = {
  browse: READ,
  search: READ,
  "view-cart": READ,
  cart: WRITE,
  checkout: CHECKOUT,
};
const MIX_SUM = Object.values(MIX).reduce((sum, weight) => sum + weight, 0);
const SECONDS = 8;
const WARM_UP_SECONDS = 2;
/** Rates are raised by so much until not all gets through any more. */
const STEP = 1.3;
const FIRST_RATE = 1_000;
/** Share of the requests that have to get through at the peak. */
const ALL = 0.97;
export const OVERLOAD = 3;
const ROUNDS = 3;

/** Finds the highest rate at which all requests get through, then offers three times as many. */
export const measureOfferedLoad = async (): Promise<Record<string, Row[]>> => {
  const stage = await openOfferedStage(PRODUCTS);
  try {
    const offer = (perSecond: number) => stage.offer(perSecond, SECONDS, WARM_UP_SECONDS);
    await offer(FIRST_RATE);
    let best = await offer(FIRST_RATE);
    // Twice too much: once may be what else the machine was doing.
    for (let rate = FIRST_RATE * STEP, worse = 0; worse < 2; rate *= STEP) {
      const next = await offer(rate);
      if (next.goodput > rate * ALL) [best, worse] = [next, 0];
      else worse += 1;
    }
    const peaks: Offered[] = [];
    const overloads: Offered[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      peaks.push(await offer(best.perSecond));
      overloads.push(await offer(best.perSecond * OVERLOAD));
    }
    const baseline = {
      goodput: median(peaks.map(({ goodput }) => goodput)),
      answers: peaks.flatMap(({ answers }) => answers),
    };
    return {
      "offered load": [
        ...peaks.map((offered) => rowOf("baseline: the peak", offered, baseline)),
        ...overloads.map((offered) => rowOf(`${OVERLOAD} times that`, offered, baseline)),
      ],
    };
  } finally {
    await stage.close();
  }
};

export interface Offered {
  readonly perSecond: number;
  readonly answers: readonly LoadAnswer[];
  /** Requests a second that were answered as asked, and in time. */
  readonly goodput: number;
}

/**
 * A shop with half a processor, which it shares with a busy loop; database and clients have the other one. Three times
 * what a whole processor serves would take more than the second one only to send. Without the cache, because to refuse
 * a read costs as much as to answer it from memory.
 */
export const openOfferedStage = async (products: number, environment: Record<string, string> = {}) => {
  const stage = await setBenchStage(products, {
    METRICS_INTERVAL_MS: "3600000",
    CACHE_MODE: "off",
    ...environment,
  });
  const loop = startBusyLoops(1);
  const close = async (): Promise<void> => {
    await loop.stop();
    await stage.close();
  };
  let seed = 0;
  try {
    for (const pid of [stage.shop.pid, ...loop.pids]) pin(SERVER_CORE, pid);
    for (const pid of [stage.engine.pid(), stage.redis.pid()]) pin(OTHER_CORE, pid);
    while ((await stage.client.get("/products/search?q=lamp")).status !== 200) await Bun.sleep(50);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    /** Offers requests for some seconds, of which the first warm up and do not count. */
    offer: async (perSecond: number, seconds: number, warmUp: number): Promise<Offered> => {
      seed += 1;
      const buyers = Math.ceil(perSecond * seconds * (MIX.checkout / MIX_SUM) * 1.2);
      await stage.fillCarts(`buyer-${seed}`, buyers);
      await Bun.sleep(500);
      const load = { url: stage.shop.url, perSecond, seconds, seed, mix: MIX, products, buyers };
      const answers = await openLoad(load, ["taskset", "-c", String(OTHER_CORE)]);
      const settled = answers.filter(({ at }) => at > warmUp * 1_000);
      const goodput = settled.filter(isGood).length / (seconds - warmUp);
      console.error(`offered ${Math.round(perSecond)}/s: ${Math.round(goodput)}/s got through`);
      return { perSecond, answers: settled, goodput };
    },
    close,
  };
};

export const isAccepted = ({ status }: LoadAnswer): boolean => status >= 200 && status < 300;

export const isGood = (answer: LoadAnswer): boolean =>
  isAccepted(answer) && answer.ms <= OBJECTIVES[answer.kind];

const rowOf = (
  what: string,
  { perSecond, answers, goodput }: Offered,
  baseline: Pick<Offered, "goodput" | "answers">,
): Row => {
  const of = (kind: RequestKind) => answers.filter((answer) => answer.kind === kind);
  const inTime = (kind: RequestKind): number => rounded(of(kind).filter(isGood).length / of(kind).length, 3);
  const accepted = answers.filter(isAccepted);
  const refused = answers.filter(({ status }) => status === 503);
  const toBaseline = (kind?: RequestKind): number => {
    const own = (from: readonly LoadAnswer[]) =>
      from.filter((a) => isAccepted(a) && (!kind || a.kind === kind));
    return rounded(p99(own(answers)) / p99(own(baseline.answers)));
  };
  return {
    what,
    "offered/s": Math.round(perSecond),
    "goodput/s": Math.round(goodput),
    "to baseline": rounded(goodput / baseline.goodput),
    "p99 of accepted ms": rounded(p99(accepted)),
    "p99 to baseline": toBaseline(),
    "browse's": toBaseline("browse"),
    "checkout's": toBaseline("checkout"),
    checkout: inTime("checkout"),
    cart: inTime("cart"),
    "view-cart": inTime("view-cart"),
    browse: inTime("browse"),
    search: inTime("search"),
    late: accepted.filter((answer) => !isGood(answer)).length,
    "503 p99 ms": refused.length > 0 ? rounded(p99(refused)) : "-",
    "other failures": answers.length - accepted.length - refused.length,
  };
};

const p99 = (answers: readonly LoadAnswer[]): number =>
  percentile(
    answers.map(({ ms }) => ms),
    0.99,
  );

const SERVER_CORE = 0;
const OTHER_CORE = 1;

const pin = (core: number, pid: number | undefined): void => {
  const { exitCode } = Bun.spawnSync(["taskset", "-a", "-p", "-c", String(core), String(pid)]);
  if (exitCode !== 0) throw new Error("taskset failed; the benchmark needs Linux with two processors");
};
