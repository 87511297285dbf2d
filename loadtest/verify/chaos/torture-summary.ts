import type { LimitCounts } from "../../experiments/limit-counts.ts";
import { operationsOf } from "../checker/history.ts";
import { printVerdict } from "../checker/verdict.ts";
import type { TortureResult } from "./torture.ts";

/** Course and end of a run, for a person. */
export const printResult = (result: TortureResult): string => {
  const { verdict, history, fulfilled, deferred, troubles, limits, proxies } = result;
  const operations = operationsOf(history);
  const rows = [...Map.groupBy(operations, ({ action }) => action.f)].map(([f, own]) => {
    const count = (outcome: string) => own.filter((operation) => operation.outcome === outcome).length;
    return `${f.padEnd(10)}  ${count("ok")} ok, ${count("fail")} fail, ${count("info")} info`;
  });
  const errors = [...Map.groupBy(operations, ({ error }) => error ?? "")]
    .filter(([error]) => error !== "")
    .map(([error, own]) => `${error} ${own.length}`);
  return [
    ...rows,
    `orders fulfilled: ${fulfilled}`,
    `orders accepted while payment was away: ${deferred}`,
    `errors: ${errors.join(", ")}`,
    `troubles: ${[...troubles].map(([name, times]) => `${name} ${times}`).join(", ")}`,
    `DynamoDB's limits: ${limitsLine(limits)}`,
    `proxy to DynamoDB: ${JSON.stringify(proxies.dynamodb)}`,
    ...(proxies.redis ? [`proxy to Redis: ${JSON.stringify(proxies.redis)}`] : []),
    "",
    printVerdict(verdict),
  ].join("\n");
};

/** How often DynamoDB's limits were met: a run that met none has not shown that the shop copes with them. */
export const limitsLine = (limits: Pick<LimitCounts, "resources" | "scale"> | undefined): string => {
  if (!limits) return "off";
  const resources = Object.values(limits.resources);
  const sum = (field: "throttled_reads" | "throttled_writes" | "conflicts"): number =>
    resources.reduce((total, counts) => total + counts[field], 0);
  const met = { reads: sum("throttled_reads"), writes: sum("throttled_writes"), conflicts: sum("conflicts") };
  if (met.reads + met.writes + met.conflicts === 0) return `none met, at scale ${limits.scale}`;
  return `${met.reads} reads and ${met.writes} writes throttled, ${met.conflicts} conflicts, at scale ${limits.scale}`;
};
