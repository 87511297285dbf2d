import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { captureLines } from "../testing/lines.ts";
import { METRIC_NAMESPACE, METRIC_SERVICE, METRICS, type MetricDeclaration } from "./metrics.ts";
import { openRecorder } from "./recorder.ts";

interface EmfLine extends Record<string, unknown> {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

/** Runs `record`, publishes, and gives the lines that were written. */
const published = (record: (recorder: ReturnType<typeof openRecorder>) => void): EmfLine[] => {
  const lines = captureLines();
  const recorder = openRecorder();
  record(recorder);
  recorder.publish();
  return lines as EmfLine[];
};

test("a stage's metrics are kept apart by their namespace", () => {
  const lines = captureLines();
  const recorder = openRecorder("Stampede/alice");
  recorder.add("OrdersPlaced", 1);
  recorder.publish();
  expect((lines as EmfLine[])[0]?._aws.CloudWatchMetrics[0]?.Namespace).toBe("Stampede/alice");
});

const declarations = Object.entries(METRICS as Record<string, MetricDeclaration>);

test.each(declarations)("%s is published as it is declared", (name, { kind, unit, dimension }) => {
  const [line, ...others] = published((recorder) => {
    const record = (kind === "sum" ? recorder.add : recorder.observe) as (...values: unknown[]) => void;
    record(name, 3, ...(dimension ? ["GET /some"] : []));
  });
  expect(others).toEqual([]);
  expect(line).toEqual({
    _aws: {
      Timestamp: expect.any(Number),
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [["service", ...(dimension ? [dimension] : [])]],
          Metrics: [{ Name: name, Unit: unit }],
        },
      ],
    },
    service: METRIC_SERVICE,
    ...(dimension && { [dimension]: "GET /some" }),
    [name]: 3,
  });
  expect(Math.abs((line?._aws.Timestamp ?? 0) - Date.now())).toBeLessThan(60_000);
});

test("sums are added up, and one dimension set makes one line", () => {
  const lines = published((recorder) => {
    recorder.add("Requests", 1, "GET /a");
    recorder.add("Requests", 1, "GET /a");
    recorder.add("Requests", 1, "GET /b");
    recorder.add("ClientErrors", 1, "GET /b");
    recorder.add("OrdersPlaced", 5);
    recorder.add("Revenue", 19.99);
  });
  expect(lines).toMatchObject([
    { route: "GET /a", Requests: 2 },
    { route: "GET /b", Requests: 1, ClientErrors: 1 },
    { OrdersPlaced: 5, Revenue: 19.99 },
  ]);
});

interface Weighted {
  readonly Values: readonly number[];
  readonly Counts: readonly number[];
  readonly Min: number;
  readonly Max: number;
  readonly Count: number;
  readonly Sum: number;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

test("a distribution is its values with how often each occurred", () => {
  const [line, ...others] = published((recorder) => {
    for (const value of [2, 8, 2, 2]) recorder.observe("Latency", value, "GET /a");
  });
  expect(others).toEqual([]);
  expect(line?.Latency).toEqual({
    Values: [2, 8],
    Counts: [3, 1],
    Min: 2,
    Max: 8,
    Count: 4,
    Sum: 14,
  });
});

test("a distribution with more than 100 values goes on further lines, which add up", () => {
  const COUNT = 5_000;
  const lines = published((recorder) => {
    recorder.add("Requests", COUNT, "GET /a");
    for (let value = 1; value <= COUNT; value++) recorder.observe("Latency", value, "GET /a");
  });
  const parts = lines.map(({ Latency }) => Latency as Weighted);
  expect(parts.length).toBeGreaterThan(1);
  expect(lines.filter(({ Requests }) => Requests !== undefined)).toHaveLength(1);
  for (const { Values, Counts, Min, Max, Count } of parts) {
    expect(Values.length).toBeLessThanOrEqual(100);
    expect(Counts).toHaveLength(Values.length);
    expect([Min, Max]).toEqual([Values[0], Values.at(-1)]);
    expect(Count).toBe(sumOf(Counts));
  }
  expect(sumOf(parts.map(({ Count }) => Count))).toBe(COUNT);
  expect(sumOf(parts.map(({ Sum }) => Sum))).toBeCloseTo((COUNT * (COUNT + 1)) / 2, 3);
  expect([parts[0]?.Min, parts.at(-1)?.Max]).toEqual([1, COUNT]);
});

test("a reader takes nothing from the publication, and gets what is first recorded after it was opened", () => {
  const lines = captureLines();
  const recorder = openRecorder();
  recorder.observe("FulfilmentAge", 1);
  const read = recorder.openReader();
  recorder.observe("FulfilmentAge", 2);
  recorder.observe("Latency", 5, "GET /a");
  recorder.publish();
  const { distributions } = read();
  expect(distributions.get("FulfilmentAge")?.get("")).toMatchObject({ count: 1, values: [2] });
  expect(distributions.get("Latency")?.get("GET /a")).toMatchObject({ count: 1, values: [5] });
  expect(lines).toMatchObject([{ FulfilmentAge: { Count: 2 } }, { Latency: 5 }]);
});

test("an interval without news writes nothing, and the next one starts from zero", () => {
  const lines = captureLines();
  const recorder = openRecorder();
  recorder.publish();
  recorder.add("OrdersPlaced", 2);
  recorder.observe("FulfilmentAge", 10);
  recorder.publish();
  recorder.publish();
  recorder.add("OrdersPlaced", 3);
  recorder.publish();
  expect(lines).toMatchObject([{ OrdersPlaced: 2, FulfilmentAge: 10 }, { OrdersPlaced: 3 }]);
  expect(lines[1]).not.toHaveProperty("FulfilmentAge");
});

test("totals outlive the publications and can be taken of some dimension values only", () => {
  captureLines();
  const recorder = openRecorder();
  recorder.add("Requests", 1, "GET /a");
  recorder.publish();
  recorder.add("Requests", 2, "POST /a");
  expect(recorder.total("Requests")).toBe(3);
  expect(recorder.total("Requests", (route) => route.startsWith("GET "))).toBe(1);
  expect(recorder.total("OrdersPlaced")).toBe(0);
});

test("1,000 overlapping requests do not mix their dimensions", async () => {
  const lines = captureLines();
  const recorder = openRecorder();
  const routes = Array.from({ length: 10 }, (_, index) => `GET /route-${index}`);
  await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      const route = routes[index % routes.length] ?? "";
      recorder.add("Requests", 1, route);
      await sleep(Math.random() * 10);
      recorder.observe("Latency", index % routes.length, route);
      await sleep(Math.random() * 10);
      if (index % 2 === 0) recorder.add("ClientErrors", 1, route);
    }),
  );
  recorder.publish();
  expect(lines).toHaveLength(routes.length);
  for (const line of lines) {
    const index = routes.indexOf(String(line.route));
    expect(line).toMatchObject({ service: METRIC_SERVICE, Requests: 100 });
    expect(line.ClientErrors).toBe(index % 2 === 0 ? 100 : undefined);
    expect(line.Latency).toMatchObject({ Values: [index], Counts: [100] });
  }
});
