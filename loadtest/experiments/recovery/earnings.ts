import type { Findings } from "../lab.ts";
import { figure, medianOf, percent } from "../lab-figures.ts";
import { rowsOf } from "./recovery-charts.ts";
import type { Row } from "./recovery-rows.ts";

/** A setting, the shop with it, and the one that differs in it only. */
interface Setting {
  readonly name: string;
  readonly having: string;
  readonly lacking: string;
}

const SETTINGS: readonly Setting[] = [
  { name: "retries", having: "all", lacking: "breakers only" },
  { name: "breakers", having: "all", lacking: "retries only" },
  { name: "PAYMENT_OUTAGE=accept", having: "all, accept", lacking: "all" },
  { name: "all of it", having: "all, accept", lacking: "nothing" },
];

/** Share of a figure from which on a difference is more than chance. */
const NOTABLE = 0.03;

type Value = (row: Row) => number | null;

/** The fault by which two shops differ most, and the medians of both. */
const most = (
  rows: readonly Row[],
  faults: readonly string[],
  { having, lacking }: Setting,
  value: Value,
  gainOf: (having: number, lacking: number) => number,
) => {
  const [first] = faults
    .flatMap((fault) => {
      const [more, less] = [having, lacking].map((arm) => medianOf(rowsOf(rows, fault, arm).map(value)));
      return more === null || more === undefined || less === null || less === undefined
        ? []
        : [{ fault, having: more, lacking: less, gain: gainOf(more, less) }];
    })
    .toSorted((a, b) => b.gain - a.gain);
  // Less is chance.
  return first && first.gain >= NOTABLE * Math.max(first.having, first.lacking) ? first : undefined;
};

const measured = (rows: readonly Row[]): Setting[] => {
  const arms = new Set(rows.map(({ arm }) => arm));
  return SETTINGS.filter(({ having, lacking }) => arms.has(having) && arms.has(lacking));
};

/** The loss by leaving each setting out, where it is greatest. */
export const earningsTable = (rows: readonly Row[], faults: readonly string[]): Findings["tables"] => {
  const text = (found: ReturnType<typeof most>, show: (value: number) => string): string =>
    found ? `${found.fault}: ${show(found.having)} instead of ${show(found.lacking)}` : "nothing";
  const tableRows = measured(rows).map((setting) => [
    setting.name,
    text(
      most(
        rows,
        faults,
        setting,
        ({ good }) => good,
        (having, lacking) => having - lacking,
      ),
      percent,
    ),
    text(
      most(
        rows,
        faults,
        setting,
        ({ good }) => good,
        (having, lacking) => lacking - having,
      ),
      percent,
    ),
    text(
      most(
        rows,
        faults,
        setting,
        ({ waitP99 }) => waitP99,
        (having, lacking) => lacking - having,
      ),
      (ms) => `${figure(ms)} ms`,
    ),
    text(
      most(
        rows,
        faults,
        setting,
        ({ failedCalls }) => failedCalls,
        (having, lacking) => lacking - having,
      ),
      figure,
    ),
  ]);
  return tableRows.length === 0
    ? []
    : [
        {
          title: "Gain of each setting, by leaving it out",
          columns: ["Setting", "Most good answers", "Costs most good answers", "Wait p99", "Wasted calls"],
          rows: tableRows,
        },
      ];
};

/** The same in a sentence: what each setting is there for. */
export const earningsSentence = (rows: readonly Row[], faults: readonly string[]): string => {
  const settings = new Map(measured(rows).map((setting) => [setting.name, setting]));
  const [retries, breakers] = [settings.get("retries"), settings.get("breakers")];
  const accept = settings.get("PAYMENT_OUTAGE=accept");
  const better = (having: number, lacking: number): number => having - lacking;
  const shorter = (having: number, lacking: number): number => lacking - having;
  const bring = retries && most(rows, faults, retries, ({ good }) => good, better);
  const save = breakers && most(rows, faults, breakers, ({ waitP99 }) => waitP99, shorter);
  const spare = breakers && most(rows, faults, breakers, ({ failedCalls }) => failedCalls, shorter);
  const take = accept && most(rows, faults, accept, ({ checkoutsGood }) => checkoutsGood, better);
  return [
    bring &&
      `Retries bring good answers: ${percent(bring.having)} instead of ${percent(bring.lacking)} (${bring.fault}).`,
    save &&
      `Breakers save waits: ${figure(save.having)} ms instead of ${figure(save.lacking)} at p99 (${save.fault}).`,
    spare &&
      `They spare the dependency calls: ${figure(spare.having)} wasted ones instead of ${figure(spare.lacking)} (${spare.fault}).`,
    take &&
      `Accepting orders keeps the till open: ${percent(take.having)} of checkouts are taken instead of ${percent(take.lacking)} (${take.fault}).`,
  ]
    .filter((sentence) => sentence !== undefined)
    .join(" ");
};
