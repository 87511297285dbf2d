import { expect, test } from "vitest";
import { shopLines } from "./metric-lines.ts";

const { one, each, total } = shopLines("Stampede/alice");

test("a line names its metric with the dimensions it is emitted with", () => {
  expect(one("OrdersPlaced", "Sum", [])).toEqual({
    metric: ["Stampede/alice", "OrdersPlaced", "service", "shop"],
    stat: "Sum",
    label: "OrdersPlaced",
  });
  expect(one("CacheHits", "Sum", ["memory"]).metric).toEqual([
    "Stampede/alice",
    "CacheHits",
    "service",
    "shop",
    "tier",
    "memory",
  ]);
});

test("a line for each value of a dimension, and one for all of them, are searches", () => {
  const search = `SEARCH('{"Stampede/alice",route,service} MetricName="Requests" service="shop"', 'Sum', 60)`;
  expect(each("Requests", "Sum")).toEqual({ expression: search, label: `\${PROP('Dim.route')}` });
  expect(total("Requests", "all")).toEqual({ expression: `SUM(${search})`, label: "all" });
});

/** Never run: the type checker is what this asks. */
const refused = () => [
  // @ts-expect-error no such metric
  one("Reqests", "Sum", []),
  // @ts-expect-error its dimension is missing
  one("Requests", "Sum", []),
  // @ts-expect-error it has no dimension
  one("OrdersPlaced", "Sum", ["GET /orders"]),
  // @ts-expect-error a sum has no percentiles
  one("OrdersPlaced", "p99", []),
  // @ts-expect-error it counts publications
  one("OrdersPlaced", "SampleCount", []),
  // @ts-expect-error there is nothing to tell apart
  each("OrdersPlaced", "Sum"),
  // @ts-expect-error percentiles don't add up
  total("Latency", "all"),
];
void refused;
