import { type RunningLoad, type Stretch, startLoad } from "../generator.ts";
import { type Experiment, type Lab, nowSeconds, type Plan, pause } from "../lab.ts";
import { type Sampler, startSampling } from "../sampler.ts";
import { type Stage, setStage } from "../stage.ts";
import { stockOf, type VerdictEntry, verdictOf } from "../verdict.ts";
import { concludeLoad } from "./findings.ts";

const PRODUCTS = { quick: 5_000, full: 20_000 };
/** Users in each step, scaled to what is asked for. */
const STEPS = {
  quick: [100, 500, 1_000, 1_500],
  full: [100, 250, 500, 750, 1_000, 1_300, 1_700, 2_200],
};
/** At the beginning of each step, for new users to come and the server to settle. */
const SETTLE_SECONDS = { quick: 1, full: 2 };
/** Scale of the pauses between a user's actions: about one request a second and user. */
export const THINK = 0.8;
const START_SECONDS = 2;
const STAGE_SECONDS = 10;

/** So many users for a while, on so many server processes. */
export interface Step {
  readonly servers: number;
  readonly repeat: number;
  readonly users: number;
  readonly load: RunningLoad;
  readonly stretch: Stretch;
}

export interface LoadObservations {
  readonly plan: Plan;
  readonly products: number;
  readonly steps: Step[];
  readonly verdicts: VerdictEntry[];
  sampler?: Sampler;
}

/** Sends users in growing numbers until the shop buckles, to one server process and to two. */
export const load: Experiment = {
  name: "load",
  title: "How many users it takes",
  plans: {
    full: { users: 2_200, duration: 6, repeat: 3 },
    quick: { users: 1_500, duration: 1, repeat: 2 },
  },
  open(lab, plan) {
    const size = lab.options.isQuick ? "quick" : "full";
    const most = Math.max(...STEPS[size]);
    const users = [...new Set(STEPS[size].map((count) => Math.ceil((count * plan.users) / most)))];
    const stepSeconds = plan.duration + SETTLE_SECONDS[size];
    const observed: LoadObservations = { plan, products: PRODUCTS[size], steps: [], verdicts: [] };
    return {
      conclude: () => concludeLoad(lab, observed),
      async measure() {
        const runs = (lab.options.url ? 1 : 2) * plan.repeat;
        lab.view.begin(load.title, runs * (users.length * stepSeconds + START_SECONDS) + STAGE_SECONDS);
        const stage = await setStage(lab, { products: observed.products, servers: 2 });
        const stockBefore = await stockOf(stage);
        observed.sampler = startSampling(
          stage,
          500,
          ({ breakers }) => breakers && lab.view.breakers(breakers),
        );
        const histories: string[] = [];
        try {
          for (let repeat = 1; repeat <= plan.repeat; repeat++) {
            for (let servers = 1; servers <= stage.urls.length; servers++) {
              lab.view.phase(
                `${servers} server process${servers > 1 ? "es" : ""}, repeat ${repeat} of ${plan.repeat}`,
              );
              const run = { servers, repeat, users, stepSeconds, settle: SETTLE_SECONDS[size] };
              histories.push(...(await climb(lab, stage, observed, run)));
            }
          }
          lab.view.phase("waiting until all is settled, and judging");
          observed.verdicts.push(...(await verdictOf(lab, stage, histories, { stockBefore })));
        } finally {
          await observed.sampler.stop();
          await stage.close();
        }
      },
    };
  },
};

interface Climb {
  readonly servers: number;
  readonly repeat: number;
  readonly users: readonly number[];
  readonly stepSeconds: number;
  readonly settle: number;
}

/** One run through the steps. @returns the history's file, if one is kept */
const climb = async (lab: Lab, stage: Stage, observed: LoadObservations, run: Climb): Promise<string[]> => {
  const { servers, repeat, users, stepSeconds, settle } = run;
  const load = startLoad(lab, {
    journey: "mixed.py",
    hosts: stage.urls.slice(0, servers),
    seed: lab.options.seed + observed.steps.length,
    isRecorded: stage.backstage !== undefined,
    options: { shape: "steps", steps: users.join(","), "step-seconds": stepSeconds, think: THINK },
  });
  const started = await load.started;
  for (const [n, count] of users.entries()) {
    const [from, to] = [started + n * stepSeconds + settle, started + (n + 1) * stepSeconds];
    await pause(lab, to - nowSeconds());
    observed.steps.push({ servers, repeat, users: count, load, stretch: { from, to } });
  }
  await load.ended;
  return load.history ? [load.history] : [];
};
