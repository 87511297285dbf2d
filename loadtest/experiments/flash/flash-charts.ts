import type { Chart } from "../../report/run-result.ts";
import { barChart, lineChart, pointOf } from "../plots.ts";
import { totalsOf } from "../timeline.ts";
import { type Sale, SHARDS, WARM_UP } from "./flash-observations.ts";
import { CHECKOUT, type Key, named, of, type Row, SOLD_OUT } from "./flash-rows.ts";

export const chartsOf = (rows: readonly Row[], sales: readonly Sale[]): Chart[] => {
  const x = { label: "Shards" };
  const bars = (key: Key) => SHARDS.map((shards) => pointOf(String(shards), of(rows, shards, key)));
  const first = SHARDS.flatMap(
    (shards) =>
      sales.find((sale) => sale.shards === shards && sale.supply === "few" && sale.repeat !== WARM_UP) ?? [],
  );
  const perSecond = ({ load, calm }: Sale, counted: string) =>
    load.seconds.map((second) => ({
      x: second.second - calm,
      y: totalsOf([second], (name) => name === counted).ok,
    }));
  if (rows.length === 0) return [];
  return [
    barChart({
      id: "flash.orders",
      title: "Orders a second",
      caption:
        "In the spike, of a product that is not sold out, by the number of counters the stock is split into.",
      x,
      y: { label: "Orders/s" },
      series: { orders: bars("ordersPerSecond") },
    }),
    barChart({
      id: "flash.latency",
      title: "Latency of a checkout",
      caption: "Of those that led to an order, in the spike.",
      x,
      y: { label: "Latency (ms)" },
      series: { p50: bars("p50"), p99: bars("p99") },
    }),
    lineChart({
      id: "flash.course",
      title: "A sale of few pieces, second by second",
      caption: "Orders, and buyers told that it is sold out.",
      x: { label: "Seconds since the crowd came" },
      y: { label: "Answers/s" },
      series: Object.fromEntries(
        first.flatMap((sale) => [
          [`ordered, ${named(sale.shards)}`, perSecond(sale, CHECKOUT)],
          [`sold out, ${named(sale.shards)}`, perSecond(sale, SOLD_OUT)],
        ]),
      ),
      markers: [{ x: 0, label: "the crowd comes" }],
    }),
  ];
};
