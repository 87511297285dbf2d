import type { Stage } from "../experiment-stage.ts";
import { type RunningLoad, startLoad } from "../generator.ts";
import { type Lab, nowSeconds, pause } from "../lab.ts";
import { buckled } from "./buckling.ts";
import type { LoadObservations, Step } from "./load-observations.ts";
import { answersOf } from "./steps.ts";

/** Scale of the pauses between a user's actions: about one request a second and user. */
export const THINK = 0.8;
/** A step's last second is written once it is over, a little later by a busy generator. */
const LATE_SECONDS = 1;

export interface Climb {
  readonly servers: number;
  readonly repeat: number;
  /** In each step. */
  readonly users: readonly number[];
  readonly stepSeconds: number;
  /** At the beginning of each step, for new users to come and the server to settle; in seconds. */
  readonly settle: number;
}

/** One run through the steps, until the shop buckles. @returns the history's file, if one is kept */
export const climb = async (
  lab: Lab,
  stage: Stage,
  { steps, loads }: LoadObservations,
  { servers, repeat, users, stepSeconds, settle }: Climb,
): Promise<string[]> => {
  const load = startLoad(lab, {
    journey: "mixed.py",
    hosts: stage.urls.slice(0, servers),
    seed: lab.options.seed + loads.length,
    isRecorded: stage.backstage !== undefined,
    mayEndEarly: true,
    options: { shape: "steps", steps: users.join(","), "step-seconds": stepSeconds, think: THINK },
  });
  loads.push(load);
  try {
    const started = await load.started;
    const taken: Step[] = [];
    for (const [n, count] of users.entries()) {
      const [from, to] = [started + n * stepSeconds + settle, started + (n + 1) * stepSeconds];
      await untilWritten(lab, load, to);
      const step = { servers, repeat, users: count, load, stretch: { from, to } };
      steps.push(step);
      taken.push(step);
      if (buckled(taken.map(answersOf)) && n + 1 < users.length) {
        await load.endEarly();
        break;
      }
    }
    await load.ended;
  } catch (error) {
    await load.stop().catch(() => undefined); // The first error is the one to report.
    throw error;
  }
  return load.history ? [load.history] : [];
};

const untilWritten = async (lab: Lab, load: RunningLoad, moment: number): Promise<void> => {
  await pause(lab, moment - nowSeconds());
  const isWritten = (): boolean => (load.seconds.at(-1)?.time ?? 0) + 1 >= moment;
  while (!isWritten() && nowSeconds() < moment + LATE_SECONDS) await pause(lab, 0.05);
};
