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
type Gain = (having: number, lacking: number) => number;

/** The fault by which two shops differ most, and the medians of both. */
const most = (
  rows: readonly Row[],
  faults: readonly string[],
  { having, lacking }: Setting,
  value: Value,
  gainOf: Gain,
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

const rise: Gain = (having, lacking) => having - lacking;
const fall: Gain = (having, lacking) => lacking - having;

const COSTS = "Costs most good answers";
const COLUMNS: readonly {
  readonly title: string;
  readonly value: Value;
  readonly gain: Gain;
  readonly show: (value: number) => string;
}[] = [
  { title: "Most good answers", value: ({ good }) => good, gain: rise, show: percent },
  { title: COSTS, value: ({ good }) => good, gain: fall, show: percent },
  { title: "Wait p99", value: ({ waitP99 }) => waitP99, gain: fall, show: (ms) => `${figure(ms)} ms` },
  { title: "Wasted calls", value: ({ failedCalls }) => failedCalls, gain: fall, show: figure },
];

/** The loss by leaving each setting out, where it is greatest. */
export const earningsTable = (rows: readonly Row[], faults: readonly string[]): Findings["tables"] => {
  const settings = measured(rows);
  if (settings.length === 0) return [];
  return [
    {
      title: "Gain of each setting, by leaving it out",
      columns: ["Setting", ...COLUMNS.map(({ title }) => title)],
      rows: settings.map((setting) => [
        setting.name,
        ...COLUMNS.map(({ value, gain, show }) => {
          const found = most(rows, faults, setting, value, gain);
          return found
            ? `${found.fault}: ${show(found.having)} instead of ${show(found.lacking)}`
            : "nothing";
        }),
      ]),
    },
  ];
};

/** The same as an answer: what each setting is there for. */
export const earningsAnswer = (
  rows: readonly Row[],
  faults: readonly string[],
): Pick<Findings["summary"][number], "figure" | "answer" | "detail"> => {
  const settings = new Map(measured(rows).map((setting) => [setting.name, setting]));
  const [retries, breakers] = [settings.get("retries"), settings.get("breakers")];
  const accept = settings.get("PAYMENT_OUTAGE=accept");
  const bring = retries && most(rows, faults, retries, ({ good }) => good, rise);
  const save = breakers && most(rows, faults, breakers, ({ waitP99 }) => waitP99, fall);
  const spare = breakers && most(rows, faults, breakers, ({ failedCalls }) => failedCalls, fall);
  const take = accept && most(rows, faults, accept, ({ checkoutsGood }) => checkoutsGood, rise);
  const earning = [...settings.values()].filter((setting) =>
    COLUMNS.some(({ title, value, gain }) => title !== COSTS && most(rows, faults, setting, value, gain)),
  );
  const detail = [
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
  return {
    figure: `${earning.length} of ${settings.size}`,
    answer:
      "Settings whose absence costs good answers, waiting time or wasted calls in some kind of trouble.",
    ...(detail && { detail }),
  };
};
