import { seeded } from "../../harness/random.ts";
import { setStage } from "../experiment-stage.ts";
import { type Experiment, shuffled } from "../lab.ts";
import { stockOf, verdictOf } from "../lab-verdict.ts";
import { startSampling } from "../sampler.ts";
import { type Climb, climb } from "./climb.ts";
import { concludeLoad } from "./load-findings.ts";
import type { LoadObservations } from "./load-observations.ts";

const PRODUCTS = { quick: 5_000, full: 20_000 };
/** Users in each step, scaled to what is asked for. They end where the shop buckles. */
const STEPS = {
  quick: [250, 600, 1_200, 2_500, 5_000],
  full: [100, 200, 400, 700, 1_000, 1_300, 1_700, 2_200, 2_900, 3_800, 5_000],
};
/** Of DynamoDB's capacities: a laptop's load at its end meets the limits of tables, and not much before. */
const LIMITS_SCALE = 0.02;
const SETTLE_SECONDS = { quick: 1, full: 2 };
const START_SECONDS = 2;
const STAGE_SECONDS = 10;
/** Before anything counts: processes that have served nobody yet are slow at first. */
const WARM_UP = { users: 300, seconds: 3 };

/** Sends users in growing numbers until the shop buckles, to one server process and to two. */
export const load: Experiment = {
  name: "load",
  title: "How many users it takes",
  plans: {
    full: { users: 5_000, duration: 4, repeat: 3 },
    quick: { users: 5_000, duration: 1, repeat: 2 },
  },
  open(lab, plan) {
    const size = lab.options.isQuick ? "quick" : "full";
    const most = Math.max(...STEPS[size]);
    const users = [...new Set(STEPS[size].map((count) => Math.ceil((count * plan.users) / most)))];
    const stepSeconds = plan.duration + SETTLE_SECONDS[size];
    const steps: Omit<Climb, "servers" | "repeat"> = { users, stepSeconds, settle: SETTLE_SECONDS[size] };
    const observed: LoadObservations = {
      plan,
      products: PRODUCTS[size],
      steps: [],
      loads: [],
      verdicts: [],
    };
    return {
      conclude: () => concludeLoad(lab, observed),
      async measure() {
        const runs = (lab.options.url ? 1 : 2) * plan.repeat;
        const seconds = runs * (users.length * stepSeconds + START_SECONDS) + STAGE_SECONDS;
        lab.view.begin(load.title, seconds + START_SECONDS + WARM_UP.seconds);
        const stage = await setStage(lab, {
          products: observed.products,
          servers: 2,
          limitsScale: LIMITS_SCALE,
        });
        const stockBefore = await stockOf(stage);
        observed.sampler = startSampling(stage, 500, lab.view.sample);
        const random = seeded(lab.options.seed);
        const histories: string[] = [];
        try {
          lab.view.phase("warming up");
          const few = [Math.min(WARM_UP.users, plan.users)];
          const warmUp = { servers: stage.urls.length, repeat: 0, settle: 0, stepSeconds: WARM_UP.seconds };
          histories.push(...(await climb(lab, stage, { ...observed, steps: [] }, { ...warmUp, users: few })));
          for (let repeat = 1; repeat <= plan.repeat; repeat++) {
            for (const servers of shuffled(
              stage.urls.map((_, i) => i + 1),
              random,
            )) {
              lab.view.phase(
                `${servers} server process${servers > 1 ? "es" : ""}, repeat ${repeat} of ${plan.repeat}`,
              );
              histories.push(...(await climb(lab, stage, observed, { ...steps, servers, repeat })));
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
