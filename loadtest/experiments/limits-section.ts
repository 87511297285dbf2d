import { counted } from "../report/format.ts";
import type { ExperimentResult } from "../report/run-result.ts";
import { figure, percent } from "./lab-figures.ts";
import type { LimitCounts } from "./limit-counts.ts";

const SECONDS_A_MONTH = 730 * 3_600;

const sentences = (counts: LimitCounts): string[] => {
  const { rules, scale, seconds, resources, operations, bill, layer } = counts;
  const calls = Object.values(operations).reduce((sum, count) => sum + count, 0);
  const all = Object.values(resources);
  const throttles = all.reduce((sum, own) => sum + own.throttled_reads + own.throttled_writes, 0);
  const conflicts = all.reduce((sum, own) => sum + own.conflicts, 0);
  return [
    `Rules: ${rules.join(", ")}, at ${figure(scale)} times AWS's capacities: a partition takes ${figure(1_000 * scale)} write and ` +
      `${figure(3_000 * scale)} read units a second.`,
    `In ${figure(seconds)} s, pauses included, DynamoDB was called ${figure(calls)} times: ${counted(throttles, "throttle")}, ` +
      `${counted(conflicts, "conflict")} between transactions.`,
    `A month at that rate would cost $${figure((bill.usd / seconds) * SECONDS_A_MONTH)} in on-demand units.`,
    `The layer itself adds ${figure(layer.added_ms.p50)} ms to a call at the median, ${figure(layer.added_ms.p99)} ms at the 99th ` +
      `percentile, and used ${percent(layer.cpu_seconds / seconds)} of a core: its thread has time for ` +
      `${figure(calls / layer.cpu_seconds)} such calls a second.`,
  ];
};

const resourceRows = ({ resources, partitions, seconds }: LimitCounts) =>
  Object.entries(resources)
    .filter(([, own]) => Object.values(own).some((count) => count > 0))
    .sort(([, a], [, b]) => b.write_units + b.read_units - a.write_units - a.read_units)
    .map(([name, own]) => [
      name,
      partitions[name] ?? 0,
      figure(own.read_units / seconds),
      figure(own.write_units / seconds),
      own.throttled_reads,
      own.throttled_writes,
      own.conflicts,
    ]);

/** An experiment's throttles, conflicts and bill under DynamoDB's limits. @param counts one a stage */
export const limitsSection = (counts: readonly LimitCounts[]): ExperimentResult["limits"] => {
  if (counts.length === 0) return undefined;
  const of = (i: number): string => (counts.length > 1 ? `, stage ${i + 1}` : "");
  return {
    sentences: counts.flatMap(sentences),
    tables: counts.flatMap((own, i) => [
      {
        title: `Units, throttles and conflicts by table and index${of(i)}`,
        columns: [
          "Table or index",
          "Partitions",
          "Read units/s",
          "Write units/s",
          "Reads throttled",
          "Writes throttled",
          "Conflicts",
        ],
        rows: resourceRows(own),
      },
      {
        title: `Hottest keys${of(i)}`,
        columns: ["Table or index, and key", "Units"],
        rows: own.hottest_keys.map(({ key, units }) => [key, Math.round(units)]),
      },
    ]),
  };
};
