import { readFile } from "node:fs/promises";
import { seeded } from "../../harness/random.ts";
import { byKind, operationsOf, parseHistory } from "../../verify/checker/history.ts";
import { type Stage, setStage } from "../experiment-stage.ts";
import { startLoad } from "../generator.ts";
import { type Experiment, type Lab, pause, shuffled } from "../lab.ts";
import { recordStock, verdictOf } from "../lab-verdict.ts";
import { startSampling } from "../sampler.ts";
import { concludeFlash } from "./flash-findings.ts";
import {
  type FlashObservations,
  PIECES_A_SECOND,
  type Sale,
  SHARDS,
  SPIKE,
  WARM_UP,
} from "./flash-observations.ts";
import { named } from "./flash-rows.ts";

const PRODUCTS = 1_000;
/** Of DynamoDB's capacities: a counter takes 25 orders a second, each written by itself. */
const LIMITS_SCALE = 0.1;
const STAGE_SECONDS = 8;
const START_SECONDS = 3;

/** A hundred times as many buyers within a second, for few pieces and for more than they can buy. */
export const flash: Experiment = {
  name: "flash",
  title: "A flash sale",
  plans: {
    full: { users: 600, duration: 8, repeat: 5 },
    quick: { users: 300, duration: 3, repeat: 1 },
  },
  open(lab, plan) {
    const observed: FlashObservations = { plan, sales: [], verdicts: [] };
    const calm = lab.options.isQuick ? 1 : 3;
    return {
      conclude: () => concludeFlash(lab, observed),
      async measure() {
        const trials = SHARDS.length * (plan.repeat + 1) + 1;
        lab.view.begin(flash.title, trials * (calm + plan.duration + START_SECONDS) + STAGE_SECONDS);
        const stage = await setStage(lab, { products: PRODUCTS, servers: 2, limitsScale: LIMITS_SCALE });
        const sampler = startSampling(stage, 1_000, lab.view.sample);
        const random = seeded(lab.options.seed);
        const histories: string[] = [];
        try {
          lab.view.phase("warming up");
          histories.push(
            ...(await hold(lab, stage, observed, { shards: 1, supply: "few", repeat: WARM_UP, calm })),
          );
          for (const shards of shuffled(SHARDS, random)) {
            lab.view.phase(`few pieces, ${named(shards)}`);
            histories.push(...(await hold(lab, stage, observed, { shards, supply: "few", repeat: 1, calm })));
          }
          for (let repeat = 1; repeat <= plan.repeat; repeat++) {
            for (const shards of shuffled(SHARDS, random)) {
              lab.view.phase(`${named(shards)}, repeat ${repeat} of ${plan.repeat}`);
              histories.push(
                ...(await hold(lab, stage, observed, { shards, supply: "ample", repeat, calm })),
              );
            }
          }
          lab.view.phase("waiting until all is settled, and judging");
          observed.verdicts.push(...(await verdictOf(lab, stage, histories)));
        } finally {
          await sampler.stop();
          await stage.close();
        }
      },
    };
  },
};

type SaleOptions = Pick<Sale, "shards" | "supply" | "repeat" | "calm">;

/** Holds a sale of a product nobody has bought yet. @returns the histories of it */
const hold = async (
  lab: Lab,
  stage: Stage,
  observed: FlashObservations,
  options: SaleOptions,
): Promise<string[]> => {
  const product = observed.sales.length + 1;
  const path = `/products/${product}/stock`;
  const [api] = stage.apis;
  const before = await api.get(path);
  try {
    return await sell(lab, stage, observed, options, product, before);
  } finally {
    // In somebody else's shop, what was on sale goes on being sold.
    if (!stage.backstage)
      await api.put(path, { available: before.available, shards: before.shards ?? "auto" });
  }
};

const sell = async (
  lab: Lab,
  stage: Stage,
  { plan, sales }: FlashObservations,
  options: SaleOptions,
  product: number,
  before: { sold: number },
): Promise<string[]> => {
  const path = `/products/${product}/stock`;
  const pieces = PIECES_A_SECOND[options.supply] * plan.duration;
  await stage.apis[0].put(path, { available: pieces, shards: options.shards });
  const load = startLoad(lab, {
    journey: "flash_sale.py",
    hosts: stage.urls,
    seed: lab.options.seed + sales.length,
    isRecorded: true,
    options: {
      "hot-product": product,
      shape: "spike",
      "spike-from": Math.ceil(plan.users / SPIKE),
      "spike-to": plan.users,
      "spike-at": options.calm,
      "spike-seconds": plan.duration,
      "spike-after": 0,
    },
  });
  await load.ended;
  const spikeAt = ((await load.started) + options.calm) * 1_000;
  const orderedAt = load.history ? await ordersIn(load.history) : [];
  const stock = await settledStock(lab, stage, path, before);
  sales.push({ ...options, pieces, load, spikeAt, orderedAt, stock });
  return load.history ? [await recordStock(lab, product, pieces), load.history] : [];
};

const ordersIn = async (history: string): Promise<number[]> =>
  byKind(operationsOf(parseHistory(await readFile(history, "utf8"))), "checkout")
    .filter(({ outcome, order }) => outcome === "ok" && order !== undefined)
    .map(({ completedAt }) => completedAt)
    .sort((a, b) => a - b);

const FULFILMENT_SECONDS = 10;

/** Counters since `before`, once nothing is reserved any more or that takes too long. */
const settledStock = async (
  lab: Lab,
  { apis: [api] }: Stage,
  path: string,
  before: { sold: number },
): Promise<Sale["stock"]> => {
  for (const giveUpAt = Date.now() + FULFILMENT_SECONDS * 1_000; ; await pause(lab, 0.2)) {
    const { available, reserved, sold, shards: counters = 1 } = await api.get(path);
    if (reserved === 0 || Date.now() > giveUpAt) {
      return { available, reserved, sold: sold - before.sold, counters };
    }
  }
};
