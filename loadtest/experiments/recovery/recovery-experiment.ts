import { readState } from "../../verify/checker/state.ts";
import { UsageError } from "../experiment-options.ts";
import { type Stage, setStage } from "../experiment-stage.ts";
import { startLoad } from "../generator.ts";
import { type Experiment, type Lab, nowSeconds, type Plan, pause } from "../lab.ts";
import { stockOf, verdictOf } from "../lab-verdict.ts";
import { startSampling } from "../sampler.ts";
import { ALL, type ArmSetting, FULL_ARMS, QUICK_ARMS } from "./arms.ts";
import { startProbing } from "./probe.ts";
import {
  type Fault,
  FULL_FAULTS,
  QUICK_FAULTS,
  QUICK_REMOTE_FAULTS,
  REMOTE_FAULTS,
} from "./recovery-faults.ts";
import { concludeRecovery } from "./recovery-findings.ts";
import { type Arm, type RecoveryObservations, recoverySeconds } from "./recovery-observations.ts";

const PRODUCTS = 1_000;
/** Calm before the first fault. */
export const CALM_SECONDS = 3;
const SAMPLE_MS = 100;
/** So that one of them can be cut off. */
const SERVERS = 2;
/** Users of the open load for each request a second: enough to wait for a dependency's timeouts all at once. */
const USERS_A_REQUEST = 6;
const STAGE_SECONDS = 8;
/** Half the usual time, so that its breaker has something to go by within a short fault. */
const ENVIRONMENT = { PAYMENT_TIMEOUT_MS: "1000" };

/** Faults one after the other, under a load that goes on, in shops that are set differently. */
export const recovery: Experiment = {
  name: "recovery",
  title: "When dependencies fail",
  plans: {
    full: { users: 25, duration: 5, repeat: 5 },
    quick: { users: 40, duration: 4, repeat: 2 },
  },
  open(lab, plan) {
    const observed: RecoveryObservations = { plan, arms: [], episodes: [], verdicts: [] };
    const settings = lab.options.url ? [ALL] : lab.options.isQuick ? QUICK_ARMS : FULL_ARMS;
    const { url, isQuick } = lab.options;
    const [quick, full] = url ? [QUICK_REMOTE_FAULTS, REMOTE_FAULTS] : [QUICK_FAULTS, FULL_FAULTS];
    const faults = chosen(isQuick ? quick : full, lab.options.only);
    const episodeSeconds = ({ lasts = 1 }: Fault): number => lasts * plan.duration + recoverySeconds(plan);
    const onceThrough = faults.reduce((sum, fault) => sum + episodeSeconds(fault), 0);
    const loadSeconds = CALM_SECONDS + plan.repeat * onceThrough;
    return {
      conclude: () => concludeRecovery(lab, observed),
      async measure() {
        lab.view.begin(recovery.title, loadSeconds + STAGE_SECONDS);
        const stages: Stage[] = [];
        try {
          for (const { environment } of settings) {
            stages.push(
              await setStage(lab, {
                products: PRODUCTS,
                servers: isQuick ? 1 : SERVERS,
                hasProxy: true,
                environment: { ...ENVIRONMENT, ...environment },
              }),
            );
          }
          const stocks = await Promise.all(stages.map(stockOf));
          for (const [n, stage] of stages.entries())
            observed.arms.push(openArm(lab, stage, settings[n] ?? ALL, plan, loadSeconds));
          await goThrough(lab, stages, observed, faults);
          await Promise.all(observed.arms.map(({ load }) => load.ended));
          lab.view.phase("waiting until all is settled, and judging");
          for (const [n, arm] of observed.arms.entries()) {
            const stage = stages[n];
            const judged = { name: `Checker, with ${arm.setting.name}`, stockBefore: stocks[n] };
            if (!stage?.backstage || !arm.load.history) continue;
            observed.verdicts.push(...(await verdictOf(lab, stage, [arm.load.history], judged)));
            const state = await readState(stage.backstage.endpoint);
            [arm.orders, arm.charges] = [state.orders, state.charges];
          }
        } finally {
          // Those that have come to their end are not touched by it; others must not go on under what comes next. With
          // the servers gone, they do not wait for answers any more.
          const stopped = Promise.allSettled(observed.arms.map(({ load }) => load.stop()));
          await Promise.all(observed.arms.flatMap(({ probe, sampler }) => [probe.stop(), sampler.stop()]));
          for (const stage of stages) await stage.close();
          await stopped;
        }
      },
    };
  },
};

const chosen = (faults: readonly Fault[], only = /./): readonly Fault[] => {
  const some = faults.filter(({ name }) => only.test(name));
  if (some.length > 0) return some;
  const names = faults.map(({ name }) => name).join(", ");
  throw new UsageError(`No kind of trouble matches ${only}: ${names}`);
};

const openArm = (
  lab: Lab,
  stage: Stage,
  setting: ArmSetting,
  { users: rate }: Plan,
  seconds: number,
): Arm => ({
  setting,
  orders: [],
  charges: [],
  sampler: startSampling(stage, SAMPLE_MS, setting === ALL ? lab.view.sample : undefined),
  probe: startProbing(stage.urls[0]),
  load: startLoad(lab, {
    journey: "shopper.py",
    hosts: stage.urls,
    seed: lab.options.seed,
    isRecorded: stage.backstage !== undefined,
    options: {
      rate,
      users: rate * USERS_A_REQUEST,
      "spawn-rate": rate * USERS_A_REQUEST,
      "run-time": Math.ceil(seconds) + 1,
    },
  }),
});

const goThrough = async (
  lab: Lab,
  stages: readonly Stage[],
  { plan, arms, episodes }: RecoveryObservations,
  faults: readonly Fault[],
): Promise<void> => {
  lab.view.phase("calm");
  await Promise.all(arms.map(({ load }) => Promise.race([load.started, load.ended])));
  await pause(lab, CALM_SECONDS - 1);
  for (let repeat = 1; repeat <= plan.repeat; repeat++) {
    for (const fault of faults) {
      lab.view.phase(`${fault.name}, repeat ${repeat} of ${plan.repeat}`);
      const from = nowSeconds();
      let to = from;
      try {
        const lasts = plan.duration * (fault.lasts ?? 1);
        await Promise.all(stages.map((stage) => fault.begin(stage, lasts)));
        await pause(lab, from + lasts - nowSeconds());
        lab.view.phase(`after ${fault.name}, repeat ${repeat} of ${plan.repeat}`);
        to = nowSeconds();
      } finally {
        await Promise.all(stages.map((stage) => fault.end(stage)));
      }
      await pause(lab, to + recoverySeconds(plan) - nowSeconds());
      const { name, target } = fault;
      episodes.push({ fault: name, target, repeat, from, to, until: nowSeconds() });
    }
  }
};
