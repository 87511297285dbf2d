import { ANY_FAILURE, contentVerdict, troubleTables } from "../answer-counts.ts";
import type { Findings, Lab, Plan } from "../lab.ts";
import { noFindings } from "../lab.ts";
import { commonWarnings, figure, measure, medianOf, timesFigure, timesText } from "../lab-figures.ts";
import { chartsOf } from "./flash-charts.ts";
import { type FlashObservations, PIECES_A_SECOND, SHARDS, SPIKE, WARM_UP } from "./flash-observations.ts";
import { type Key, named, of, type Row, rowOf } from "./flash-rows.ts";
import { soldAnswer, soldExactly } from "./sold.ts";

export const concludeFlash = (lab: Lab, { plan, sales, verdicts }: FlashObservations): Findings => {
  const all = sales.map(rowOf);
  const rows = all.filter(({ repeat }) => repeat !== WARM_UP);
  const loads = sales.map(({ load }) => load);
  const judged = [
    ...(all.length > 0 ? [soldExactly(all)] : []),
    ...verdicts,
    ...contentVerdict(loads, ANY_FAILURE),
  ];
  const unsold = rows.filter(({ available }) => available > 0).length;
  return {
    ...noFindings,
    summary: summaryOf(rows, plan, judged),
    verdicts: judged,
    warnings: [
      ...commonWarnings(
        plan.repeat,
        rows.map((row) => row.generatorPeak),
      ),
      ...(unsold > 0
        ? [`Not all was sold in ${unsold} of ${rows.length} sales: the spike was over before.`]
        : []),
      lab.options.url
        ? "Somebody's running shop: only its stock counts are checked, not what else it stored."
        : "Orders that wait for one counter go into one transaction, so that on a machine this small shards spare conflicts " +
          "rather than raise throughput.",
    ],
    method: [
      `One product with ${PIECES_A_SECOND * plan.duration} pieces, counted in 1, 4 or 16 shards or as many as the shop itself chooses, sold by two server processes, in random order, ${plan.repeat} times each, after one sale for warming up.`,
      `${Math.ceil(plan.users / SPIKE)} buyers, within a second ${plan.users}: each adds the product and checks out, then another comes. ` +
        `The spike lasts ${plan.duration} s.`,
      "Orders a second: 90 % of the orders, by the time between the first and the last twentieth of them.",
    ],
    settings: {
      "buyers in the spike": plan.users,
      "seconds of the spike": plan.duration,
      repeats: plan.repeat,
    },
    measures: SHARDS.flatMap((shards) => [
      ...measure(
        `flash.${shards}.orders`,
        `${named(shards)}: orders`,
        "orders/s",
        "higher",
        of(rows, shards, "ordersPerSecond"),
      ),
      ...measure(
        `flash.${shards}.p50`,
        `${named(shards)}: p50 of checkout`,
        "ms",
        "lower",
        of(rows, shards, "p50"),
      ),
      ...measure(
        `flash.${shards}.p99`,
        `${named(shards)}: p99 of checkout`,
        "ms",
        "lower",
        of(rows, shards, "p99"),
      ),
    ]),
    charts: chartsOf(rows, sales),
    tables: [
      {
        title: "Medians by shards",
        columns: [
          "Shards",
          "Counters in the end",
          "Orders/s",
          "Checkout p50 (ms)",
          "Checkout p99 (ms)",
          "Told it is sold out",
          "Refused",
          "Failed",
        ],
        rows: SHARDS.map((shards) => [
          named(shards),
          ...(["counters", "ordersPerSecond", "p50", "p99", "toldSoldOut", "refused", "failed"] as const).map(
            (key) => figure(medianOf(of(rows, shards, key))),
          ),
        ]),
      },
      ...troubleTables(loads),
    ],
    raw: { sales: all },
  };
};

/** Buyers in the spike for each before it: few buyers are not divided by a hundred. */
const factorOf = ({ users }: Plan): string => figure(users / Math.ceil(users / SPIKE));

const summaryOf = (rows: readonly Row[], plan: Plan, verdicts: Findings["verdicts"]): Findings["summary"] => {
  const measured = SHARDS.filter((shards) => of(rows, shards, "ordersPerSecond").length > 0);
  if (measured.length < SHARDS.length) return [];
  const list = (key: Key): string =>
    SHARDS.map((shards) => `${figure(medianOf(of(rows, shards, key)))} with ${named(shards)}`).join(", ");
  const rate = (shards: (typeof SHARDS)[number]): number =>
    medianOf(of(rows, shards, "ordersPerSecond")) ?? 0;
  const [best = 1] = SHARDS.toSorted((a, b) => rate(b) - rate(a));
  return [
    {
      question: `Is a piece ever sold twice when ${factorOf(plan)} times as many buyers come?`,
      ...soldAnswer(rows, verdicts),
    },
    {
      question: "How fast does it sell?",
      figure: `${figure(rate(best))}/s`,
      answer: `Orders of one product at its best, with ${named(best)}; p99 of a checkout is ${figure(medianOf(of(rows, best, "p99")))} ms.`,
      detail: `Orders a second: ${list("ordersPerSecond")}. p99 of a checkout in ms: ${list("p99")}.`,
      chart: "flash.orders",
    },
    {
      question: "Do shards help?",
      figure: timesFigure(of(rows, "auto", "ordersPerSecond"), of(rows, 1, "ordersPerSecond")),
      answer: "The orders of a product that shards itself, against those of a product with one shard.",
      detail:
        `16 shards do ${timesText(of(rows, 16, "ordersPerSecond"), of(rows, 1, "ordersPerSecond"))} the work of one, and a product ` +
        `that shards itself ${timesText(of(rows, "auto", "ordersPerSecond"), of(rows, 1, "ordersPerSecond"))}.`,
      chart: "flash.orders",
    },
  ];
};
