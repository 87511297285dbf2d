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
  const counted = all.filter(({ repeat }) => repeat !== WARM_UP);
  const [rows, few] = [
    counted.filter(({ supply }) => supply === "ample"),
    counted.filter(({ supply }) => supply === "few"),
  ];
  const loads = sales.map(({ load }) => load);
  const judged = [
    ...(all.length > 0 ? [soldExactly(all)] : []),
    ...verdicts,
    ...contentVerdict(loads, ANY_FAILURE),
  ];
  const soldOut = rows.filter(({ available }) => available === 0).length;
  const unsold = few.filter(({ available }) => available > 0).length;
  return {
    ...noFindings,
    summary: summaryOf(rows, few, plan, judged),
    verdicts: judged,
    warnings: [
      ...commonWarnings(
        plan.repeat,
        counted.map((row) => row.generatorPeak),
      ),
      ...(unsold > 0
        ? [`Not all was sold in ${unsold} of ${few.length} sales of few pieces: the spike was over before.`]
        : []),
      ...(soldOut > 0
        ? [
            `In ${soldOut} of ${rows.length} sales of many pieces all was sold: their speed is that of counters that ran out.`,
          ]
        : []),
      lab.options.url
        ? "Somebody's running shop: only its stock counts are checked, not what else it stored."
        : "Orders that wait for one counter go into one transaction: a counter passes more orders a second than transactions, and shards " +
          "bring less than they would if each order went by itself.",
    ],
    method: [
      "One product, counted in 1, 4 or 16 shards or as many as the shop itself chooses, sold by two server processes, in random order, after " +
        "one sale for warming up.",
      `Whether a piece is sold twice is seen on ${PIECES_A_SECOND.few * plan.duration} pieces, in one sale for each number of shards. How fast ` +
        `it sells is measured on ${PIECES_A_SECOND.ample * plan.duration} pieces, ${plan.repeat} times each: on counters with fewer pieces than ` +
        "a transaction takes orders, up to 49, refusals are measured instead.",
      `${Math.ceil(plan.users / SPIKE)} buyers, within a second ${plan.users}: each adds the product and checks out, then another comes. ` +
        `The spike lasts ${plan.duration} s.`,
      "Orders a second: 90 % of the orders of the spike, by the time between the first and the last twentieth of them.",
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
          "Refused",
          "Failed",
        ],
        rows: SHARDS.map((shards) => [
          named(shards),
          ...(["counters", "ordersPerSecond", "p50", "p99", "refused", "failed"] as const).map((key) =>
            figure(medianOf(of(rows, shards, key))),
          ),
        ]),
      },
      {
        title: "Sales of few pieces",
        columns: ["Shards", "Pieces", "Sold", "Left", "Told it is sold out", "Refused", "Failed"],
        rows: SHARDS.map((shards) => [
          named(shards),
          ...(["pieces", "sold", "available", "toldSoldOut", "refused", "failed"] as const).map((key) =>
            figure(medianOf(of(few, shards, key))),
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

const summaryOf = (
  rows: readonly Row[],
  few: readonly Row[],
  plan: Plan,
  verdicts: Findings["verdicts"],
): Findings["summary"] => {
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
      ...soldAnswer(few, verdicts),
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
