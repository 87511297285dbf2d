import { counted } from "./format.ts";
import { type Run, type RunEnvironment, STARTED_HERE } from "./run-result.ts";

/** The verdict of a run: whether all that must hold does, and whether it was seen through. */
export interface Judgement {
  /** Null where nothing was checked. */
  readonly isOk: boolean | null;
  readonly isComplete: boolean;
  /** `All 5 checks hold`, `2 of 5 checks are violated`. */
  readonly text: string;
}

export const judgementOf = ({ results }: Run): Judgement => {
  const verdicts = results.flatMap((result) => result.verdicts);
  const violated = verdicts.filter(({ isOk }) => !isOk).length;
  const isComplete = results.every((result) => result.isComplete);
  const checks = counted(verdicts.length, "check");
  return {
    isOk: verdicts.length === 0 ? null : violated === 0,
    isComplete,
    text:
      verdicts.length === 0
        ? "Nothing was checked"
        : violated > 0
          ? `${violated} of ${checks} ${violated === 1 ? "is" : "are"} violated`
          : verdicts.length === 1
            ? "The check holds"
            : `All ${checks} hold`,
  };
};

/** The title of a report of the run. */
export const titleOf = ({ results }: Run): string =>
  results.length === 1 ? (results[0]?.title ?? "") : `${counted(results.length, "experiment")} on the shop`;

/** Whether machine and commit are the shop's: of one that ran already only the load generator's are known. */
export const isOwnShop = ({ target }: RunEnvironment): boolean => target === STARTED_HERE;

/** The measurement and its subject: for a heading. */
export const placeOf = (environment: RunEnvironment): string => {
  const machine = `${environment.machine}, ${counted(environment.cores, "core")}`;
  return isOwnShop(environment) ? machine : `the shop at ${environment.target}; load generator on ${machine}`;
};
