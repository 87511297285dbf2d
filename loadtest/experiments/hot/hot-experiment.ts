import { seeded } from "../../harness/random.ts";
import { type Stage, setStage } from "../experiment-stage.ts";
import { startLoad } from "../generator.ts";
import { type Experiment, type Lab, pause, shuffled } from "../lab.ts";
import { ApiError } from "../lab-api.ts";
import { grown } from "../lab-figures.ts";
import { readLimits } from "../limit-counts.ts";
import { startSampling } from "../sampler.ts";
import { countReads } from "./counting.ts";
import { concludeHot } from "./hot-findings.ts";
import {
  DATABASE_MS,
  HOT_SHARE,
  type HotObservations,
  type Rush,
  STATES,
  WARM_UP,
} from "./hot-observations.ts";

const PRODUCTS = 1_000;
/** Popular by itself are the first; hot becomes one of the last, which nobody else wants. */
const POPULAR = 900;
const popular = Array.from({ length: POPULAR }, (_, i) => i + 1);
const ZIPF_EXPONENT = 2;
const USERS = 200;
const SLOW = "/resilience/simulate/dynamodb";
/** Before the product is hot. */
const CALM = { quick: 1, full: 3 };
const START_SECONDS = 3;
const STAGE_SECONDS = 8;
/** For a generator to start, and for a shop that is slow itself. */
const START_LIMIT_SECONDS = 60;
/**
 * Of DynamoDB's capacities: one partition takes 60 read units a second, which is 120 reads of products. Uncached, the
 * 300 reads a second of the rush are more.
 */
const LIMITS_SCALE = 0.02;
/** Milliseconds between two attempts of a preparation that the limits refuse, and for which it is tried. */
const AGAIN_MS = 250;
const PREPARATION_MS = 30_000;
const READS_AT_ONCE = 25;
const MOST_READS_TO_DETECT = 2_000;

/** Half of all reads turn to one product, from one second to the next. */
export const hot: Experiment = {
  name: "hot",
  title: "A product gets hot",
  plans: {
    full: { users: 600, duration: 8, repeat: 5 },
    quick: { users: 600, duration: 1, repeat: 2 },
  },
  open(lab, plan) {
    const observed: HotObservations = { plan, rushes: [] };
    const calm = CALM[lab.options.isQuick ? "quick" : "full"];
    return {
      conclude: () => concludeHot(lab, observed),
      async measure() {
        const trials = STATES.length * plan.repeat + 1;
        lab.view.begin(hot.title, trials * (calm + plan.duration + START_SECONDS) + STAGE_SECONDS);
        // Nothing is ordered: without recovery's queries, what reads the database are the customers.
        const stage = await setStage(lab, {
          products: PRODUCTS,
          limitsScale: LIMITS_SCALE,
          environment: { RECOVERY_INTERVAL_MS: "3600000" },
        });
        const sampler = startSampling(stage, 1_000, lab.view.sample);
        let modeBefore: string | undefined;
        const random = seeded(lab.options.seed);
        try {
          modeBefore = (await stage.apis[0].get("/cache")).mode;
          lab.view.phase("warming up");
          await stage.apis[0].put("/cache", { mode: "tiered" });
          await readAll(lab, stage, popular);
          await rush(lab, stage, observed, { state: "cold", repeat: WARM_UP, calm });
          for (let repeat = 1; repeat <= plan.repeat; repeat++) {
            for (const state of shuffled(STATES, random)) {
              lab.view.phase(`${state}, repeat ${repeat} of ${plan.repeat}`);
              await rush(lab, stage, observed, { state, repeat, calm });
            }
          }
        } finally {
          await sampler.stop();
          if (!stage.backstage && modeBefore) await stage.apis[0].put("/cache", { mode: modeBefore });
          await stage.close();
        }
      },
    };
  },
};

const rush = async (
  lab: Lab,
  stage: Stage,
  { plan, rushes }: HotObservations,
  { state, repeat, calm }: Pick<Rush, "state" | "repeat" | "calm">,
): Promise<void> => {
  const product = POPULAR + 1 + (rushes.length % (PRODUCTS - POPULAR));
  const [api] = stage.apis;
  if (state === "uncached") await api.put("/cache", { mode: "off" });
  if (state === "redis") await api.put("/cache", { mode: "redis" });
  if (state === "redis") await readAll(lab, stage, [...popular, product]);
  if (state === "pre-warmed") await untilTaken(lab, () => api.post(`/products/${product}/hot`));
  if (state === "detected") await readUntilDetected(lab, stage, product);
  const seconds = calm + plan.duration + 1;
  const slow = { enable: true, failure_rate: 0, latency_ms: DATABASE_MS };
  await api.post(SLOW, { ...slow, ttl_secs: seconds + START_LIMIT_SECONDS });
  const throttledBefore = await throttledReads(stage);
  const load = startLoad(lab, {
    journey: "browsing.py",
    hosts: stage.urls,
    seed: lab.options.seed + rushes.length,
    options: {
      tags: "product",
      rate: plan.users,
      users: USERS,
      "spawn-rate": USERS,
      "run-time": seconds,
      "catalogue-size": PRODUCTS,
      zipf: ZIPF_EXPONENT,
      "hot-product": product,
      "hot-share": HOT_SHARE,
      "hot-at": calm,
    },
  });
  const counting = countReads(stage);
  try {
    await load.ended;
  } finally {
    await counting.stop().finally(() => api.post(SLOW, { enable: false }));
  }
  const rushAt = (await load.started) + calm;
  const [first, whole] = [
    counting.between(rushAt, rushAt + 1),
    counting.between(rushAt, rushAt + plan.duration),
  ];
  const throttled = grown(throttledBefore, await throttledReads(stage));
  rushes.push({ state, repeat, load, calm, first, whole, throttled });
  if (state === "uncached" || state === "redis") {
    await api.put("/cache", { mode: "tiered" });
    await readAll(lab, stage, popular);
  }
};

/** Reads as if it had become popular slowly, until the shop has noticed. */
const readUntilDetected = async (lab: Lab, stage: Stage, product: number): Promise<void> => {
  for (let reads = 0; reads < MOST_READS_TO_DETECT; reads += 4 * READS_AT_ONCE) {
    await readAll(lab, stage, Array<number>(4 * READS_AT_ONCE).fill(product));
    const { hot_products } = await stage.apis[0].get("/products/hot");
    if (hot_products.some(({ product_id }: { product_id: number }) => product_id === product)) return;
  }
  throw new Error(`The shop did not notice ${MOST_READS_TO_DETECT} reads of product ${product}`);
};

const readAll = async (lab: Lab, { apis: [api] }: Stage, products: readonly number[]): Promise<void> => {
  for (let first = 0; first < products.length; first += READS_AT_ONCE) {
    lab.signal.throwIfAborted();
    const some = products.slice(first, first + READS_AT_ONCE);
    await Promise.all(some.map((id) => untilTaken(lab, () => api.get(`/products/${id}`))));
  }
};

/** Reads that the limits have refused so far; undefined where there are none. */
const throttledReads = async ({ backstage }: Stage): Promise<number | undefined> => {
  if (!backstage?.limits) return undefined;
  const { resources } = await readLimits(backstage.limits.port);
  return Object.values(resources).reduce((sum, { throttled_reads }) => sum + throttled_reads, 0);
};

/** Makes a call again while the shop answers that the database takes no more, as after an uncached rush. */
const untilTaken = async (lab: Lab, call: () => Promise<unknown>): Promise<void> => {
  for (const giveUpAt = Date.now() + PREPARATION_MS; ; await pause(lab, AGAIN_MS / 1_000)) {
    try {
      await call();
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 503 || Date.now() > giveUpAt) throw error;
    }
  }
};
