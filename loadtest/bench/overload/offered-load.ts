import { percentile } from "../../report/statistics.ts";
import { type BenchStage, setBenchStage } from "../bench-stage.ts";
import type { Row } from "../benchmark.ts";
import { type LoadAnswer, openLoad, type RequestKind } from "../open-load.ts";
import { rounded } from "../rounding.ts";
import { startBusyLoops } from "./busy-loops.ts";

const PRODUCTS = 5_000;
/**
 * Of 200 requests. A customer looks around far more than he orders, or what may not be refused would take all of the
 * machine at three times the peak: a checkout costs as much as ten reads.
 */
const MIX = { browse: 140, search: 40, "view-cart": 16, cart: 3, checkout: 1 } as const;
/** Milliseconds after which an answer is late; a request counts from when it was due. */
const OBJECTIVES: Readonly<Record<RequestKind, number>> = {
  browse: 500,
  search: 500,
  "view-cart": 500,
  cart: 1_000,
  checkout: 3_000,
};
const MIX_SUM = Object.values(MIX).reduce((sum, weight) => sum + weight, 0);
const SECONDS = 8;
/** Rates are raised by so much until not all gets through any more. */
const STEP = 1.3;
const FIRST_RATE = 1_000;
const ALL = 0.97;
const OVERLOAD = 3;
const ROUNDS = 3;

/**
 * Finds the highest rate at which all requests get through, then offers three times as many. The server has half a
 * processor, which it shares with a busy loop; database and clients have the other one. Three times what a whole
 * processor serves would take more than the second one only to send. Without the cache, because to refuse a read costs
 * as much as to answer it from memory.
 */
export const measureOfferedLoad = async (): Promise<Record<string, Row[]>> => {
  const stage = await setBenchStage(PRODUCTS, { METRICS_INTERVAL_MS: "3600000", CACHE_MODE: "off" });
  const loop = startBusyLoops(1);
  try {
    pin(stage, loop.pids);
    while ((await stage.client.get("/products/search?q=lamp")).status !== 200) await Bun.sleep(50);
    let seed = 0;
    const offer = (perSecond: number): Promise<Offered> => measure(stage, perSecond, ++seed);
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
      goodput: peaks.map(({ goodput }) => goodput).toSorted((a, b) => a - b)[ROUNDS >> 1] ?? best.goodput,
      answers: peaks.flatMap(({ answers }) => answers),
    };
    return {
      "offered load": [
        ...peaks.map((offered) => rowOf("baseline: the peak", offered, baseline)),
        ...overloads.map((offered) => rowOf(`${OVERLOAD} times that`, offered, baseline)),
      ],
    };
  } finally {
    await loop.stop();
    await stage.close();
  }
};

interface Offered {
  readonly perSecond: number;
  readonly answers: readonly LoadAnswer[];
  /** Requests a second that were answered as asked, and in time. */
  readonly goodput: number;
}

const measure = async (stage: BenchStage, perSecond: number, seed: number): Promise<Offered> => {
  const buyers = Math.ceil(perSecond * SECONDS * (MIX.checkout / MIX_SUM) * 1.2);
  await stage.fillCarts(`buyer-${seed}`, buyers);
  await Bun.sleep(500);
  const answers = await openLoad({
    url: stage.shop.url,
    perSecond,
    seconds: SECONDS,
    seed,
    mix: MIX,
    products: PRODUCTS,
    buyers,
  });
  // The first two seconds warm up.
  const settled = answers.filter(({ at }) => at > 2_000);
  console.error(
    `offered ${Math.round(perSecond)}/s: ${Math.round(settled.filter(isGood).length / (SECONDS - 2))}/s got through`,
  );
  return { perSecond, answers: settled, goodput: settled.filter(isGood).length / (SECONDS - 2) };
};

const isAccepted = ({ status }: LoadAnswer): boolean => status >= 200 && status < 300;

const isGood = (answer: LoadAnswer): boolean => isAccepted(answer) && answer.ms <= OBJECTIVES[answer.kind];

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

/**
 * The server on the first processor, as the busy loops; database, Redis, this process and what it starts from now on on
 * the second.
 */
const pin = (stage: BenchStage, loops: readonly number[]): void => {
  const set = (core: number, pid: number | undefined) => {
    const { exitCode } = Bun.spawnSync(["taskset", "-a", "-p", "-c", String(core), String(pid)]);
    if (exitCode !== 0) throw new Error("taskset failed; the benchmark needs Linux with two processors");
  };
  for (const pid of [stage.shop.pid, ...loops]) set(0, pid);
  for (const pid of [stage.engine.pid(), stage.redis.pid(), process.pid]) set(1, pid);
};
