import { seeded } from "../../harness/random.ts";
import { type Stage, setStage } from "../experiment-stage.ts";
import { startLoad, stretchOf } from "../generator.ts";
import { type Experiment, type Lab, nowSeconds, pause, shuffled } from "../lab.ts";
import { grown } from "../lab-figures.ts";
import { startSampling } from "../sampler.ts";
import { concludeCache } from "./cache-findings.ts";
import {
  baselineRate,
  type CacheObservations,
  LEAST_RATE,
  MODES,
  type Mode,
  OPEN_SHARE,
  warmUpOf,
} from "./cache-observations.ts";
import { rowOf } from "./cache-rows.ts";

const PRODUCTS = { quick: 10_000, full: 100_000 };
/** For a stage, its servers and its catalogue, and for a generator to start. */
const OVERHEAD_SECONDS = { quick: 8, full: 40 };

/** Measures reads of products in each mode of the cache, at full throttle and at a load that all can carry. */
export const cache: Experiment = {
  name: "cache",
  title: "The value of the cache",
  plans: {
    full: { users: 32, duration: 8, repeat: 5 },
    quick: { users: 32, duration: 2, repeat: 2 },
  },
  open(lab, plan) {
    const size = lab.options.isQuick ? "quick" : "full";
    const observed: CacheObservations = { plan, products: PRODUCTS[size], turns: [] };
    return {
      conclude: () => concludeCache(lab, observed),
      async measure() {
        const turnSeconds = plan.duration + warmUpOf(plan);
        const seconds = 2 * MODES.length * plan.repeat * turnSeconds + OVERHEAD_SECONDS[size];
        lab.view.begin(cache.title, seconds);
        const { products } = observed;
        const environment = { CACHE_WARM: String(products), RECOVERY_INTERVAL_MS: "3600000" };
        const stage = await setStage(lab, { products, environment });
        let modeBefore: Mode | undefined;
        try {
          modeBefore = (await stage.apis[0].get("/cache")).mode;
          observed.sampler = startSampling(stage, 1_000, lab.view.sample);
          await takeTurns(lab, stage, observed, { think: 0, users: plan.users }, false);
          const off = observed.turns
            .filter(({ mode }) => mode === "off")
            .map((turn) => rowOf(turn).throughput);
          observed.rate =
            baselineRate(lab) ?? Math.max(LEAST_RATE, Math.round(OPEN_SHARE * Math.min(...off)));
          await takeTurns(lab, stage, observed, { rate: observed.rate, users: 4 * plan.users }, true);
        } finally {
          await observed.sampler?.stop();
          if (!stage.backstage && modeBefore) await stage.apis[0].put("/cache", { mode: modeBefore });
          await stage.close();
        }
      },
    };
  },
};

/** One load through all modes, each as often as the others and in random order. */
const takeTurns = async (
  lab: Lab,
  stage: Stage,
  observed: CacheObservations,
  options: Record<string, number>,
  isOpen: boolean,
): Promise<void> => {
  const { plan, turns, products } = observed;
  const [api] = stage.apis;
  const random = seeded(lab.options.seed + Number(isOpen));
  const load = startLoad(lab, {
    journey: "browsing.py",
    hosts: stage.urls,
    seed: lab.options.seed + Number(isOpen),
    options: {
      tags: "product",
      "spawn-rate": options.users ?? 1,
      "run-time": 3_600,
      ...(!lab.options.url && { "catalogue-size": products }),
      ...options,
    },
  });
  try {
    for (let repeat = 1; repeat <= plan.repeat; repeat++) {
      for (const mode of shuffled(MODES, random)) {
        lab.view.phase(
          `${isOpen ? "fixed rate" : "full throttle"}, ${mode}, repeat ${repeat} of ${plan.repeat}`,
        );
        await api.put("/cache", { mode });
        await load.started;
        await pause(lab, warmUpOf(plan) - 0.5);
        const before = countsOf(stage);
        const stretch = await stretchOf(lab, load, plan.duration);
        const [from, to] = [await before, await countsOf(stage)];
        const counted = {
          seconds: to.at - from.at,
          reads: grown(from.reads, to.reads),
          calls: grown(from.calls, to.calls),
          memory: grown(from.memory, to.memory),
          second: grown(from.second, to.second),
        };
        turns.push({ mode, isOpen, repeat, load, stretch, counted });
      }
    }
  } finally {
    await load.stop().catch((error) => {
      if (!lab.signal.aborted) throw error;
    });
  }
};

const countsOf = async ({ apis: [api] }: Stage) => {
  const [{ l1, l2 }, memory] = await Promise.all([api.get("/cache"), api.get("/memory")]);
  return {
    at: nowSeconds(),
    reads: memory.read_operations as number,
    calls: memory.dynamodb_reads as number,
    memory: l1.hits as number,
    second: l2.hits as number,
  };
};
