import { contentVerdict, troubleTables, unbegunWarnings, WRONG_CONTENT } from "../answer-counts.ts";
import type { Findings, Lab } from "../lab.ts";
import { noFindings } from "../lab.ts";
import { commonWarnings, figure, medianOf, medianOfSome, percent, timesText } from "../lab-figures.ts";
import { present } from "../plots.ts";
import { generatorPeak, totalsOf } from "../timeline.ts";
import { chartsOf, faultsIn, rowsOf, tableOf } from "./recovery-charts.ts";
import { measuresOf } from "./recovery-measures.ts";
import {
  type Arm,
  type Episode,
  type RecoveryObservations,
  recoverySeconds,
} from "./recovery-observations.ts";
import { type Row, rowOf } from "./recovery-rows.ts";

const BUSY = 0.9;

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
        ? ["The machine was busy over 90 % of the time: the two shops took their time from one another."]
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
        : "Two shops side by side, each with a server process, a database and a Redis of its own, one with RESILIENCE=off: no " +
          "circuit breakers, no retries, no limits, the same timeouts. Both get the same load and each fault at the same moment.",
      `${plan.users} actions a second${lab.options.url ? "" : " each"} by a Poisson process, of customers who fill carts, change them and order (30 % reads).`,
      `Each fault lasts ${plan.duration} s; then customers are watched for ${recoverySeconds(plan)} s. All faults ${plan.repeat} times through.`,
      "An order that is accepted while its payment is open (202) counts as good, one refused at the door by an open breaker (503) " +
        "does not: where waiting pays off, breakers cost good answers and save waits.",
      `${
        lab.options.url
          ? "Faults are the shop's own, at its ports: calls fail, or never return, while the dependency itself is well."
          : "Killed: SIGKILL, started again at the end. Hangs: suspended by SIGSTOP, or calls that never return."
      } Breakers are looked at ` +
        "five times a second. Customers are fine again in the first second of which 98 % of the answers are good.",
    ],
    settings: { "actions/s": plan.users, "seconds of a fault": plan.duration, repeats: plan.repeat },
    measures: measuresOf(rows, observed),
    charts: chartsOf(rows, observed),
    tables:
      episodes.length > 0
        ? [
            tableOf(
              rows,
              episodes,
              arms.map(({ isOn }) => isOn),
            ),
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
  const of = (isOn: boolean, value: (row: Row) => number | null) =>
    rows.filter(({ resilience }) => (resilience === "on") === isOn).map(value);
  const opened = of(true, ({ opened }) => opened);
  const closed = of(true, ({ closed }) => closed);
  const [, off] = arms;
  const fine = (isOn: boolean): string => medianOfSome(of(isOn, (row) => row.fine));
  const inVain = (isOn: boolean): string =>
    figure(present(of(isOn, ({ failedCalls }) => failedCalls)).reduce((sum, calls) => sum + calls, 0));
  return [
    ...(off
      ? [
          {
            question: "Do circuit breakers, retries and limits actually save you?",
            answer:
              `${waiting(rows)} Good answers with and without, from a fault's beginning until its effects are over: ` +
              `${faultsIn(episodes)
                .map(
                  (fault) => `${fault} ${shareGood(rows, fault, true)} and ${shareGood(rows, fault, false)}`,
                )
                .join(", ")}. ` +
              `Wasted calls of the broken dependency, in all: ${inVain(true)} with and ${inVain(false)} without; seconds until ` +
              `customers are fine after a fault: ${fine(true)} and ${fine(false)}.`,
            chart: "recovery.success",
          },
        ]
      : []),
    {
      question: "How fast do the breakers act?",
      answer:
        `They open ${figure(medianOf(opened))} s after a fault begins and are closed ${figure(medianOf(closed))} s after it ends: ` +
        `medians of the ${present(opened).length} of ${episodes.length} faults that opened one, and of the ` +
        `${present(closed).length} of these after which it closed while it was watched.`,
      chart: "recovery.success",
    },
    {
      question: "What goes on meanwhile?",
      answer: faultsIn(episodes)
        .map(
          (fault) =>
            `${fault}: ${percent(medianOf(rowsOf(rows, fault, true).map(({ productsGood }) => productsGood)))} of product reads`,
        )
        .join("; ")
        .concat(" are answered well."),
      chart: "recovery.faults",
    },
  ];
};

const shareGood = (rows: readonly Row[], fault: string, isOn: boolean): string =>
  percent(medianOf(rowsOf(rows, fault, isOn).map(({ good }) => good)));

/** How long customers wait in the fault in which they wait longest without it all. */
const waiting = (rows: readonly Row[]): string => {
  const waits = (fault: string, isOn: boolean) => rowsOf(rows, fault, isOn).map(({ cartWait }) => cartWait);
  const faults = [...new Set(rows.map(({ fault }) => fault))];
  const [worst] = faults.sort((a, b) => (medianOf(waits(b, false)) ?? 0) - (medianOf(waits(a, false)) ?? 0));
  if (worst === undefined) return "";
  const [on, off] = [waits(worst, true), waits(worst, false)];
  return (
    `When ${worst}, a customer who asks for a cart waits ${figure(medianOf(on))} ms for an answer with them and ` +
    `${figure(medianOf(off))} ms without: ${timesText(off, on)} as long.`
  );
};

const secondRows = ({ isOn, load }: Arm) =>
  load.seconds.map((second) => {
    const { ok, refused, failed } = totalsOf([second]);
    return { resilience: isOn ? "on" : "off", time: second.time, ok, refused, failed };
  });

const breakerRows = ({ isOn, sampler }: Arm) =>
  isOn ? sampler.samples.flatMap(({ time, breakers }) => (breakers ? [{ time, ...breakers }] : [])) : [];
