import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emfLines } from "./emf.ts";
import { Histogram } from "./histogram.ts";

test("the line that docs/metrics.md shows is what is written of its requests", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/metrics.md"), "utf8");
  const [, line = ""] = /```json\n(.+)\n```/.exec(page) ?? [];
  const latencies = [0.412, 0.063, 0.058, 0.061, 0.097, 0.055, 0.071, 0.06, 0.066, 2.904, 0.062, 0.059];
  const histogram = new Histogram();
  const read = histogram.openReader();
  for (const latency of latencies) histogram.add(latency);
  const { _aws } = JSON.parse(line) as { _aws: { Timestamp: number } };
  const series = { namespace: "Stampede", dimension: "route", value: "GET /products/{productId}" };
  const written = emfLines(
    { ...series, sums: [["Requests", latencies.length]], distributions: [["Latency", read()]] },
    _aws.Timestamp,
  );
  expect(written).toBe(`${line}\n`);
});

test("a set of dimensions without news writes nothing", () => {
  const series = { namespace: "Stampede", dimension: undefined, value: undefined };
  expect(emfLines({ ...series, sums: [], distributions: [] }, 0)).toBe("");
});
