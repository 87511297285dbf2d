import { counted } from "../report/format.ts";
import type { Table } from "../report/run-result.ts";
import type { RunningLoad } from "./generator.ts";
import type { VerdictEntry } from "./lab-verdict.ts";
import { type Totals, totalsOf } from "./timeline.ts";

/** Kinds that the table names; the others are counted together. */
const SHOWN = 15;

type Loads = readonly Pick<RunningLoad, "seconds">[];

/** All that was answered, in the seconds that count and in those that don't. */
const totalOf = (loads: Loads): Totals => totalsOf([...new Set(loads)].flatMap(({ seconds }) => seconds));

/** Refusals and failures, and how often; none where all was well. */
export const troubleTables = (loads: Loads): Table[] => {
  const { refusals, errors } = totalOf(loads);
  const kinds = [
    ...Object.entries(errors).map(([text, count]) => ({ text, kind: "failed", count })),
    ...Object.entries(refusals).map(([text, count]) => ({ text, kind: "refused", count })),
  ].sort((a, b) => b.count - a.count);
  const rest = kinds.slice(SHOWN).reduce((sum, { count }) => sum + count, 0);
  if (kinds.length === 0) return [];
  return [
    {
      title: "Requests without a good answer, warm-up included",
      columns: ["Request and answer", "Kind", "How often"],
      rows: [
        ...kinds.slice(0, SHOWN).map(({ text, kind, count }) => [text, kind, count]),
        ...(rest > 0 ? [[`${kinds.length - SHOWN} further kinds`, "", rest]] : []),
      ],
    },
  ];
};

/** Which failures break the verdict. */
export const ANY_FAILURE = (): boolean => true;
/** Under more load than a shop can take, or while it is broken on purpose, a request may go unanswered. */
export const ALL_BUT_SILENCE = (error: string): boolean => !error.includes(": no answer (");
/** For faults that bring errors of all kinds, but never an answer that looks right and is not. */
export const WRONG_CONTENT = (error: string): boolean => error.includes(": wrong content");

/** Whether every answer was as the contract has it. @param isWrong which failures are none it allows for */
export const contentVerdict = (loads: Loads, isWrong: (error: string) => boolean): VerdictEntry[] => {
  const { ok, refused, failed, errors } = totalOf(loads);
  const answers = ok + refused + failed;
  if (answers === 0) return [];
  const wrong = Object.entries(errors)
    .filter(([error]) => isWrong(error))
    .sort(([, a], [, b]) => b - a);
  const count = wrong.reduce((sum, [, own]) => sum + own, 0);
  const of = `${answers.toLocaleString("en")} answers`;
  const [most] = wrong;
  return [
    {
      name: "No wrong content",
      isOk: count === 0,
      detail: most
        ? `${count.toLocaleString("en")} of ${of}; most often ${most[0]}`
        : `${of}, all of the documented shape and content`,
    },
  ];
};

/** For open loads: what the generator could not even begin is in no latency. */
export const unbegunWarnings = (loads: Loads): string[] => {
  const unbegun = [...new Set(loads)].map(({ seconds }) => seconds.at(-1)?.waiting ?? 0);
  const sum = unbegun.reduce((total, count) => total + count, 0);
  return sum === 0
    ? []
    : [
        `${counted(sum, "action")} fell due and never began, for lack of users that were free: the shop's true latencies are ` +
          "longer than these.",
      ];
};
