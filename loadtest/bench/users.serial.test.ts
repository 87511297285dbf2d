import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithRedis } from "../harness/describe-with.ts";
import { endWithTests } from "../harness/end-with-tests.ts";
import { CHECKOUT, READ, WRITE } from "./overload/kinds.ts";
import { tallyOf } from "./overload/tally.ts";
import { PATIENT, startDefaultShop } from "./speed/speed-programs.ts";
import { LEAST_PAUSE, MOST_PAUSE, runUsers, type UserAnswer } from "./users-bench.ts";

const PRODUCTS = 2_000;
/** Users without pauses that keep a shop busy: as many requests as they get answered are the peak. */
const RESTLESS = 64;
const PEAK_SECONDS = 2;
const SECONDS = 6;
const MEAN_PAUSE = (LEAST_PAUSE + MOST_PAUSE) / 2;
const MOST_REFUSED = 0.01;

describeWithRedis("users who mostly write, with pauses, up to the peak of the machine", () => {
  test("are not refused while answers are in time", { timeout: 120_000 }, async () => {
    const dir = await mkdtemp(join(tmpdir(), "stampede-users-"));
    endWithTests(() => rm(dir, { recursive: true, force: true }));
    const { url, stop } = await startDefaultShop(dir, { ...PATIENT, CATALOG_SIZE: String(PRODUCTS) });
    endWithTests(stop);
    const load = { url, products: PRODUCTS };
    const restless = { ...load, users: RESTLESS, isRestless: true };
    await runUsers({ ...restless, seconds: 1 }); // Lets the runtime compile what is hot.
    const peak = (await runUsers({ ...restless, seconds: PEAK_SECONDS })).length / PEAK_SECONDS;
    const users = Math.ceil(peak * MEAN_PAUSE);
    const answers = await runUsers({ ...load, users, seconds: SECONDS });
    const { requests, needless, reasons, median, failures } = tallyOf(answers.map(timed));
    expect(failures).toEqual([]);
    expect(
      needless / requests,
      `${needless} of ${requests} (${reasons}), ${users} users, median ${Math.round(median)} ms`,
    ).toBeLessThanOrEqual(MOST_REFUSED);
  });
});

const timed = (answer: UserAnswer) => ({
  ...answer,
  step: { path: answer.action, objective: objectiveOf(answer) },
});

const objectiveOf = ({ action }: UserAnswer): number => {
  if (action === "checkout") return CHECKOUT;
  return action.startsWith("read") || action === "search" ? READ : WRITE;
};
