import { setTimeout as sleep } from "node:timers/promises";
import { pick, seeded } from "../../proxy/random.ts";
import { type RunningLoad, startLoad } from "../generator.ts";
import { type Experiment, type Lab, nowSeconds, type Plan } from "../lab.ts";
import { startSampling } from "../sampler.ts";
import { type Stage, setStage } from "../stage.ts";
import { concludeHot } from "./findings.ts";

/** How the product stands when everybody wants it; `uncached` is what it costs without any cache. */
export const STATES = ["cold", "detected", "pre-warmed", "uncached"] as const;
export type State = (typeof STATES)[number];

const PRODUCTS = 1_000;
/** Popular by itself are the first; hot becomes one of the last, which nobody else wants. */
const POPULAR = 900;
const ZIPF_EXPONENT = 2;
export const HOT_SHARE = 0.5;
const USERS = 200;
/** Before the product is hot. */
const CALM = { quick: 1, full: 3 };
const START_SECONDS = 3;
const STAGE_SECONDS = 8;
const COUNT_EVERY_SECONDS = 0.1;
const READS_AT_ONCE = 25;
const MOST_READS_TO_DETECT = 2_000;

/** One product that becomes hot. */
export interface Rush {
  readonly state: State;
  readonly repeat: number;
  readonly load: RunningLoad;
  /** Seconds from the load's beginning to the rush. */
  readonly calm: number;
  /** DynamoDB calls for products from the rush's beginning to its end. */
  readonly calls: number;
}

export interface HotObservations {
  readonly plan: Plan;
  readonly rushes: Rush[];
}

/** Half of all reads turn to one product, from one second to the next. */
export const hot: Experiment = {
  name: "hot",
  title: "A product gets hot",
  plans: {
    full: { users: 400, duration: 8, repeat: 5 },
    quick: { users: 300, duration: 2, repeat: 2 },
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
          environment: { RECOVERY_INTERVAL_MS: "3600000" },
        });
        const sampler = startSampling(
          stage,
          1_000,
          ({ breakers }) => breakers && lab.view.breakers(breakers),
        );
        const modeBefore = (await stage.apis[0].get("/cache")).mode;
        const random = seeded(lab.options.seed);
        try {
          lab.view.phase("warming up");
          await stage.apis[0].put("/cache", { mode: "tiered" });
          await readAll(
            lab,
            stage,
            Array.from({ length: POPULAR }, (_, i) => i + 1),
          );
          await rush(lab, stage, observed, { state: "cold", repeat: WARM_UP, calm });
          for (let repeat = 1; repeat <= plan.repeat; repeat++) {
            const left = new Set<State>(STATES);
            while (left.size > 0) {
              const state = pick(random, [...left]);
              left.delete(state);
              lab.view.phase(`${state}, repeat ${repeat} of ${plan.repeat}`);
              await rush(lab, stage, observed, { state, repeat, calm });
            }
          }
        } finally {
          await sampler.stop();
          if (!stage.backstage) await stage.apis[0].put("/cache", { mode: modeBefore });
          await stage.close();
        }
      },
    };
  },
};

/** The repeat that does not count. */
export const WARM_UP = 0;

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
  const load = startLoad(lab, {
    journey: "browsing.py",
    hosts: stage.urls,
    seed: lab.options.seed + rushes.length,
    options: {
      tags: "product",
      rate: plan.users,
      users: USERS,
      "spawn-rate": USERS,
      "run-time": calm + plan.duration + 1,
      "catalogue-size": PRODUCTS,
      zipf: ZIPF_EXPONENT,
      "hot-product": product,
      "hot-share": HOT_SHARE,
      "hot-at": calm,
    },
  });
  const counting = countCalls(stage);
  try {
    await load.ended;
  } finally {
    await counting.stop();
  }
  const rushAt = (await load.started) + calm;
  const calls = counting.at(rushAt + plan.duration) - counting.at(rushAt - COUNT_EVERY_SECONDS);
  rushes.push({ state, repeat, load, calm, calls });
  if (state === "uncached") {
    await api.put("/cache", { mode: "tiered" });
    await readAll(
      lab,
      stage,
      Array.from({ length: POPULAR }, (_, i) => i + 1),
    );
  }
};

/** Looks at the count of DynamoDB calls again and again. */
const countCalls = ({ apis: [api] }: Stage) => {
  const counts: { time: number; calls: number }[] = [];
  const stopping = new AbortController();
  const count = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const { dynamodb_reads: calls } = await api.get("/memory");
      counts.push({ time: nowSeconds(), calls });
      await sleep(1_000 * COUNT_EVERY_SECONDS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const done = count();
  done.catch(() => undefined); // `stop` tells it.
  return {
    /** The last count before a moment, in epoch seconds. */
    at: (time: number): number => counts.findLast((count) => count.time <= time)?.calls ?? Number.NaN,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
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
