import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emfLines, emfSeries } from "./emf.ts";
import { Histogram } from "./histogram.ts";

test("the line that docs/metrics.md shows is what is written of twelve reads of one product in a run", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/metrics.md"), "utf8");
  const [, line = ""] = /```json\n(.+)\n```/.exec(page) ?? [];
  const latencies = [89.251, 0.653, 0.291, 0.218, 0.221, 0.234, 0.17, 0.206, 0.225, 0.26, 0.233, 0.297];
  const histogram = new Histogram();
  const read = histogram.openReader();
  for (const latency of latencies) histogram.add(latency);
  const { _aws } = JSON.parse(line) as { _aws: { Timestamp: number } };
  const written = emfLines(
    emfSeries("Stampede", "route", "GET /products/{productId}"),
    { sums: [["Requests", latencies.length]], distributions: [["Latency", read()]] },
    _aws.Timestamp,
  );
  expect(written).toBe(`${line}\n`);
});

test("a set of dimensions without news writes nothing", () => {
  expect(emfLines(emfSeries("Stampede"), { sums: [], distributions: [] }, 0)).toBe("");
});
