import { seeded } from "../../harness/random.ts";
import { type Stage, setStage } from "../experiment-stage.ts";
import { startLoad } from "../generator.ts";
import { type Experiment, type Lab, shuffled } from "../lab.ts";
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
const ZIPF_EXPONENT = 2;
const USERS = 200;
const SLOW = "/resilience/simulate/dynamodb";
/** Before the product is hot. */
const CALM = { quick: 1, full: 3 };
const START_SECONDS = 3;
const STAGE_SECONDS = 8;
/** For a generator to start, and for a shop that is slow itself. */
const START_LIMIT_SECONDS = 60;
/** Of DynamoDB's capacities: half of the reads of the rush, uncached, are more than one partition takes. */
const LIMITS_SCALE = 0.05;
const READS_AT_ONCE = 25;
const MOST_READS_TO_DETECT = 2_000;

/** Half of all reads turn to one product, from one second to the next. */
export const hot: Experiment = {
  name: "hot",
  title: "A product gets hot",
  plans: {
    full: { users: 600, duration: 8, repeat: 5 },
    quick: { users: 600, duration: 2, repeat: 2 },
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
          await readAll(
            lab,
            stage,
            Array.from({ length: POPULAR }, (_, i) => i + 1),
          );
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
  if (state === "pre-warmed") await api.post(`/products/${product}/hot`);
  if (state === "detected") await readUntilDetected(lab, stage, product);
  const seconds = calm + plan.duration + 1;
  const slow = { enable: true, failure_rate: 0, latency_ms: DATABASE_MS };
  await api.post(SLOW, { ...slow, ttl_secs: seconds + START_LIMIT_SECONDS });
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
  rushes.push({ state, repeat, load, calm, first, whole });
  if (state === "uncached") {
    await api.put("/cache", { mode: "tiered" });
    await readAll(
      lab,
      stage,
      Array.from({ length: POPULAR }, (_, i) => i + 1),
    );
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
    await Promise.all(products.slice(first, first + READS_AT_ONCE).map((id) => api.get(`/products/${id}`)));
  }
};
