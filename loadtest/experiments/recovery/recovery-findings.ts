// biome-ignore-all lint/style/noExcessiveLinesPerFile: the sentences of one answer, which weigh the same arms
import { contentVerdict, troubleTables, unbegunWarnings, WRONG_CONTENT } from "../answer-counts.ts";
import type { Findings, Lab } from "../lab.ts";
import { noFindings } from "../lab.ts";
import { commonWarnings, figure, medianOf, medianOfSome, percent } from "../lab-figures.ts";
import { present } from "../plots.ts";
import { generatorPeak, totalsOf } from "../timeline.ts";
import { ACCEPTING, hasBreakers } from "./arms.ts";
import { earningsAnswer, earningsTable } from "./earnings.ts";
import { chartsOf, faultsIn, rowsOf, tableOf } from "./recovery-charts.ts";
import { NO_TROUBLE } from "./recovery-faults.ts";
import { measuresOf } from "./recovery-measures.ts";
import {
  type Arm,
  type Episode,
  type RecoveryObservations,
  recoverySeconds,
} from "./recovery-observations.ts";
import { checkoutP99Of, type Row, rowOf } from "./recovery-rows.ts";

const BUSY = 0.9;
/** Troubles in which no payment can be made. */
const AWAY = new Set(["payment fails", "payment hangs"]);

export const concludeRecovery = (lab: Lab, observed: RecoveryObservations): Findings => {
  const { plan, arms, episodes, verdicts } = observed;
  const rows = arms.flatMap((arm) => episodes.map((episode) => rowOf(arm, episode)));
  const machine = medianOf(arms[0]?.sampler.samples.map((sample) => sample.machine) ?? []);
  return {
    ...noFindings,
    summary: summaryOf(rows, arms, episodes),
    verdicts: [
      ...verdicts,
      ...contentVerdict(
        arms.map(({ load }) => load),
        WRONG_CONTENT,
      ),
    ],
    warnings: [
      ...commonWarnings(
        plan.repeat,
        arms.map(({ load }) => generatorPeak(load.seconds)),
      ),
      ...unbegunWarnings(arms.map(({ load }) => load)),
      ...(machine !== null && machine > BUSY
        ? ["The machine was busy over 90 % of the time: the shops took their time from one another."]
        : []),
      ...(lab.options.url
        ? [
            "Somebody's running shop: nothing is killed or suspended, faults are switched on only, resilience stays on, and what it stored cannot be judged.",
          ]
        : []),
    ],
    method: [
      lab.options.url
        ? "A running shop, with its resilience on. Without a second one beside it, nothing is said of what it would do without."
        : "Shops side by side, each with two server processes, a database and a Redis of its own: with all of it; with all and " +
          "PAYMENT_OUTAGE=accept; with retries only; with breakers only; with nothing but the same timeouts (RESILIENCE=off). All get " +
          "the same load and each fault at the same moment. The quick form leaves out the two in the middle, and the second process.",
      `${plan.users} actions a second${lab.options.url ? "" : " each"} by a Poisson process, of customers who fill carts, change them and order (30 % reads).`,
      `Each fault lasts ${plan.duration} s (flapping, and payment away: twice as long); then customers are watched for ${recoverySeconds(plan)} s. All faults ${plan.repeat} times through.`,
      "An order that is accepted while its payment is open (202) counts as good, one refused at the door by an open breaker (503) " +
        "does not. Money is what the orders placed from a fault's beginning until the next one's came to, if they were paid within a " +
        "minute; all settled: from the fault's end until the last order placed during it was. " +
        "A figure's range goes from its least to its most over the repeats.",
      `${
        lab.options.url
          ? "Faults are the shop's own, at its ports: calls fail, or never return, while the dependency itself is well."
          : "Killed: SIGKILL, started again at the end. Hangs: suspended by SIGSTOP, or calls that never return."
      } Breakers are looked at ` +
        "ten times a second. Customers are fine again in the first second of which 98 % of the answers are good.",
    ],
    settings: { "actions/s": plan.users, "seconds of a fault": plan.duration, repeats: plan.repeat },
    measures: measuresOf(rows, observed),
    charts: chartsOf(rows, observed),
    tables:
      episodes.length > 0
        ? [
            tableOf(rows, episodes, arms),
            ...earningsTable(rows, faultsIn(episodes)),
            ...troubleTables(arms.map(({ load }) => load)),
          ]
        : [],
    raw: { faults: rows, seconds: arms.flatMap(secondRows), breakers: arms.flatMap(breakerRows) },
  };
};

const summaryOf = (
  rows: readonly Row[],
  arms: readonly Arm[],
  episodes: readonly Episode[],
): Findings["summary"] => {
  if (episodes.length === 0) return [];
  const withAll = (arms.find(({ setting }) => setting === ACCEPTING) ?? arms[0])?.setting.name ?? "";
  const without = arms.length > 1 ? arms.at(-1)?.setting.name : undefined;
  const of = (arm: string, value: (row: Row) => number | null) =>
    rows.filter((row) => row.arm === arm).map(value);
  const opened = of(withAll, ({ opened }) => opened);
  const closed = of(withAll, ({ closed }) => closed);
  const fine = (arm: string): string => medianOfSome(of(arm, (row) => row.fine));
  const inVain = (arm: string): string =>
    figure(present(of(arm, ({ failedCalls }) => failedCalls)).reduce((sum, calls) => sum + calls, 0));
  return [
    ...(without === undefined
      ? []
      : [
          {
            question: "Do circuit breakers, retries and limits actually save you?",
            figure: helpedOf(rows, faultsIn(episodes), withAll, without),
            answer:
              "Kinds of trouble in which customers get no fewer good answers with resilience than without.",
            detail:
              `${balance(rows, faultsIn(episodes), withAll, without)} Good answers with and without, from a fault's beginning until its ` +
              `effects are over: ${faultsIn(episodes)
                .map(
                  (fault) =>
                    `${fault} ${shareGood(rows, fault, withAll)} and ${shareGood(rows, fault, without)}`,
                )
                .join(", ")}. ` +
              `Wasted calls of the broken dependency, in all: ${inVain(withAll)} with and ${inVain(without)} without; seconds ` +
              `until customers are fine after a fault: ${fine(withAll)} and ${fine(without)}.`,
            chart: "recovery.faults",
          },
          {
            question: "What does each setting earn?",
            ...earningsAnswer(rows, faultsIn(episodes)),
            chart: "recovery.wait",
          },
        ]),
    ...tillOf(rows, arms, episodes),
    {
      question: "How fast do the breakers act?",
      ...actedOf(opened, closed),
      detail:
        `They open ${figure(medianOf(opened))} s after a fault begins and are closed ${figure(medianOf(closed))} s after it ends: ` +
        `medians of the ${present(opened).length} of ${episodes.length} faults that opened one, and of the ` +
        `${present(closed).length} of these after which it closed while it was watched. Breakers are looked at ten times a second.`,
      chart: "recovery.success",
    },
    {
      question: "What goes on meanwhile?",
      figure: least(
        faultsIn(episodes).map((fault) =>
          medianOf(rowsOf(rows, fault, withAll).map(({ productsGood }) => productsGood)),
        ),
      ),
      answer: "Of product reads are answered well in the worst kind of trouble.",
      detail: faultsIn(episodes)
        .map(
          (fault) =>
            `${fault}: ${percent(medianOf(rowsOf(rows, fault, withAll).map(({ productsGood }) => productsGood)))} of product reads`,
        )
        .join("; ")
        .concat(" are answered well."),
      chart: "recovery.faults",
    },
  ];
};

/** Checkouts while payment is away, of the shop that accepts them. */
const tillOf = (
  rows: readonly Row[],
  arms: readonly Arm[],
  episodes: readonly Episode[],
): Findings["summary"] => {
  const arm = arms.find(({ setting }) => setting === ACCEPTING);
  const faults = faultsIn(episodes).filter((fault) => AWAY.has(fault));
  if (!arm || faults.length === 0) return [];
  const p99 = (fault: string): string =>
    figure(
      checkoutP99Of(
        arm,
        episodes.filter((episode) => episode.fault === fault),
      ),
    );
  const told = faults.map((fault) => {
    const own = rowsOf(rows, fault, ACCEPTING.name);
    const of = (value: (row: Row) => number | null) => own.map(value);
    return (
      `${fault}: ${percent(medianOf(of(({ checkoutsGood }) => checkoutsGood)))} of the checkouts are taken, ` +
      `the last is settled ${medianOfSome(of(({ settled }) => settled))} s after the return, and 99 of 100 take at most ${p99(fault)} ms`
    );
  });
  const normal = faultsIn(episodes).includes(NO_TROUBLE.name)
    ? ` (${p99(NO_TROUBLE.name)} ms in normal times)`
    : "";
  return [
    {
      question: "Is the shop down while payment is, with PAYMENT_OUTAGE=accept?",
      figure: least(
        faults.map((fault) =>
          medianOf(rowsOf(rows, fault, ACCEPTING.name).map(({ checkoutsGood }) => checkoutsGood)),
        ),
      ),
      answer: "Of the checkouts are taken in the worst outage of payment.",
      detail: `${told.join("; ")}${normal}.`,
      chart: "recovery.success",
    },
  ];
};

/** Short faults on a slow machine may be over before a breaker has seen enough calls, or has been probed. */
const actedOf = (opened: readonly (number | null)[], closed: readonly (number | null)[]) => {
  if (present(opened).length === 0) {
    return { figure: "0 opened", answer: "No fault lasted long enough to open a breaker." };
  }
  const closes =
    present(closed).length === 0
      ? "none closed while it was watched."
      : `it closes ${figure(medianOf(closed))} s after the fault's end.`;
  return {
    figure: `${figure(medianOf(opened))} s`,
    answer: `From a fault's beginning to an open breaker; ${closes}`,
  };
};

const shareGood = (rows: readonly Row[], fault: string, arm: string): string =>
  percent(medianOf(rowsOf(rows, fault, arm).map(({ good }) => good)));

const least = (shares: readonly (number | null)[]): string => {
  const measured = present(shares);
  return percent(measured.length === 0 ? null : Math.min(...measured));
};

/** Faults in which the one setting gives fewer good answers than the other. */
const worseIn = (
  rows: readonly Row[],
  faults: readonly string[],
  withAll: string,
  without: string,
): string[] => {
  const goodOf = (fault: string, arm: string) =>
    medianOf(rowsOf(rows, fault, arm).map(({ good }) => good)) ?? 0;
  return faults.filter((fault) => goodOf(fault, withAll) < goodOf(fault, without));
};

const helpedOf = (
  rows: readonly Row[],
  faults: readonly string[],
  withAll: string,
  without: string,
): string => `${faults.length - worseIn(rows, faults, withAll, without).length} of ${faults.length}`;

/** In how many kinds of trouble it helps, and where it costs. */
const balance = (
  rows: readonly Row[],
  faults: readonly string[],
  withAll: string,
  without: string,
): string => {
  const worse = worseIn(rows, faults, withAll, without);
  const waits = (fault: string, arm: string) => rowsOf(rows, fault, arm).map(({ waitP99 }) => waitP99);
  const [worst] = faults.toSorted(
    (a, b) => (medianOf(waits(b, without)) ?? 0) - (medianOf(waits(a, without)) ?? 0),
  );
  const costs = worse.length === 0 ? "" : ` It costs good answers when ${worse.join("; ")}.`;
  return (
    `In ${faults.length - worse.length} of ${faults.length} kinds of trouble customers get no fewer good answers with all of it (orders accepted while payment is down).${costs}` +
    (worst === undefined
      ? ""
      : ` When ${worst}, a customer who asks for a cart waits ${figure(medianOf(waits(worst, withAll)))} ms for an answer with it and ` +
        `${figure(medianOf(waits(worst, without)))} ms without (p99).`)
  );
};

const secondRows = ({ setting, load }: Arm) =>
  load.seconds.map((second) => {
    const { ok, refused, failed } = totalsOf([second]);
    return { arm: setting.name, time: second.time, ok, refused, failed };
  });

const breakerRows = ({ setting, sampler }: Arm) =>
  hasBreakers(setting)
    ? sampler.samples.flatMap(({ time, breakers }) =>
        breakers ? [{ arm: setting.name, time, ...breakers }] : [],
      )
    : [];
