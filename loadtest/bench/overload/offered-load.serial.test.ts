import { expect, test } from "vitest";
import {
  describeWithConnections,
  describeWithRedis,
  describeWithTwoProcessors,
} from "../../harness/describe-with.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { type LoadAnswer, type RequestKind, WARM_CONNECTIONS } from "../open-load.ts";
import { PATIENT } from "../speed/speed-programs.ts";
import { isAccepted, isGood, OVERLOAD, openOfferedStage } from "./offered-load.ts";

const PRODUCTS = 200;
const FIRST_RATE = 1_000;
/** Work that was begun and came too late, to what was refused instead; `npm run bench -- overload` has next to none. */
const MOST_LATE = 0.5;

const play = (): void => {
  test("is refused rather than answered late, and no checkout is", { timeout: 180_000 }, async () => {
    const stage = await openOfferedStage(PRODUCTS, PATIENT);
    endWithTests(stage.close);
    const offer = (perSecond: number) => stage.offer(perSecond, 3, 1);
    // Until it is too much for this machine, and what else it does.
    let offered = await offer(FIRST_RATE);
    while (offered.goodput > offered.perSecond / OVERLOAD) offered = await offer(2 * offered.perSecond);

    const { answers } = offered;
    const refused = answers.filter(isRefused).length;
    const late = answers.filter((answer) => isAccepted(answer) && !isGood(answer)).length;
    expect(refusedOf(answers, ["checkout"])).toBe(0);
    expect(refusedOf(answers, ["cart"])).toBeLessThanOrEqual(refusedOf(answers, ["browse", "search"]));
    expect(late / refused, `${late} late, ${refused} refused`).toBeLessThan(MOST_LATE);
  });
};
describeWithRedis(`an open load of ${OVERLOAD} times what gets through`, () =>
  describeWithTwoProcessors("with a processor for the shop and one for the others", () =>
    describeWithConnections(WARM_CONNECTIONS)("with clients enough for an open load", play),
  ),
);

const isRefused = ({ status }: LoadAnswer): boolean => status === 503;

/** Share of the requests of these kinds. */
const refusedOf = (answers: readonly LoadAnswer[], kinds: readonly RequestKind[]): number => {
  const own = answers.filter(({ kind }) => kinds.includes(kind));
  return own.filter(isRefused).length / own.length;
};
