import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { METRICS, type MetricDeclaration, type MetricName } from "../../core/telemetry/metrics.ts";
import { FAMILIES } from "../../core/telemetry/series-names.ts";
import { captureLines } from "../../core/testing/lines.ts";
import { describeWithPrometheusParser, SYSTEM_PYTHON } from "../../loadtest/harness/describe-with.ts";
import { startServer } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";

process.env.PROMETHEUS = "on";
const { url } = startServer();

const OPEN_METRICS =
  "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";

const scrape = async (accept?: string) => {
  const response = await fetch(`${url}/metrics`, accept ? { headers: { accept } } : {});
  return { response, text: await response.text() };
};

/** The families as the parser of Prometheus' own client reads them; it refuses what the format does not allow. */
const parse = (text: string, parser: "openmetrics.parser" | "parser"): Family[] => {
  const program = `
import json, sys
from prometheus_client.${parser} import text_string_to_metric_families as parse
print(json.dumps([[f.name, f.type, f.unit, [[s.name, s.labels, s.value] for s in f.samples]] for f in parse(sys.stdin.read())]))
`;
  const families = JSON.parse(
    execFileSync(SYSTEM_PYTHON, ["-c", program], { input: text, encoding: "utf8" }),
  ) as [string, string, string, [string, Record<string, string>, number][]][];
  return families.map(([name, type, unit, samples]) => ({
    name,
    type,
    unit,
    samples: samples.map(([series, labels, value]) => ({ series, labels, value })),
  }));
};

interface Family {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly series: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One value of every declared metric, and a label that has to be escaped. */
const recordAll = (): void => {
  const { metrics } = testShop();
  for (const [name, { kind, dimension }] of Object.entries(METRICS as Record<string, MetricDeclaration>)) {
    const record = (kind === "sum" ? metrics.add : metrics.observe) as (...values: unknown[]) => void;
    record(name, 3, ...(dimension ? ['a "b" \\ c'] : []));
  }
};

describeWithPrometheusParser("the metrics for Prometheus, read by its parser", () => {
  test.each([
    ["openmetrics.parser", OPEN_METRICS, "application/openmetrics-text; version=1.0.0; charset=utf-8"],
    ["parser", undefined, "text/plain; version=0.0.4; charset=utf-8"],
  ] as const)("by %s, every declared metric is there with its type", async (parser, accept, contentType) => {
    recordAll();
    const { response, text } = await scrape(accept);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(contentType);
    const families = parse(text, parser);
    expect(families).toHaveLength(FAMILIES.size);
    for (const { name, type, unit, label } of FAMILIES.values()) {
      const family = families.find((one) => one.name === name);
      expect(family?.type, name).toBe(type);
      if (parser === "openmetrics.parser") expect(family?.unit, name).toBe(unit ?? "");
      const own = (family?.samples ?? []).filter(({ labels }) => !label || labels[label] === 'a "b" \\ c');
      const suffix = { counter: "_total", histogram: "_count", gauge: "" }[type];
      const value = own.find(({ series }) => series === name + suffix)?.value;
      expect(value, name).toBeGreaterThanOrEqual({ counter: 3, histogram: 1, gauge: 0 }[type]);
    }
  });

  test("the buckets of a histogram count up to their bounds", async () => {
    const route = "GET /metrics-test";
    for (const ms of [0.01, 1, 40, 1e9]) testShop().metrics.observe("Latency", ms, route);
    const { text } = await scrape(OPEN_METRICS);
    const latency = parse(text, "openmetrics.parser").find(({ name }) => name === "stampede_latency_seconds");
    const own = latency?.samples.filter(({ labels }) => labels.route === route) ?? [];
    const upTo = (le: number): number | undefined =>
      own.find(({ series, labels }) => series.endsWith("_bucket") && Number(labels.le) === le)?.value;
    expect([0.0015, 0.064, 1.024].map(upTo)).toEqual([2, 3, 3]);
    expect(own.find(({ labels }) => labels.le === "+Inf")?.value).toBe(4);
    expect(own.find(({ series }) => series.endsWith("_sum"))?.value).toBeCloseTo(1e6 + 0.04101, 6);
  });
});

test("a counter goes on counting from scrape to scrape, whatever is published between", async () => {
  captureLines();
  const { name } = FAMILIES.get("OrdersPlaced" satisfies MetricName) ?? { name: "" };
  const read = async (): Promise<number> =>
    Number(new RegExp(`^${name}_total (\\d+)$`, "m").exec((await scrape()).text)?.[1]);
  testShop().metrics.add("OrdersPlaced", 1);
  const before = await read();
  testShop().metrics.publish();
  testShop().metrics.add("OrdersPlaced", 2);
  expect(await read()).toBe(before + 2);
});
