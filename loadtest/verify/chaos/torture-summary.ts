import { operationsOf } from "../checker/history.ts";
import { printVerdict } from "../checker/verdict.ts";
import type { TortureResult } from "./torture.ts";

/** Course and end of a run, for a person. */
export const printResult = ({ verdict, history, fulfilled, troubles, proxies }: TortureResult): string => {
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
    `errors: ${errors.join(", ")}`,
    `troubles: ${[...troubles].map(([name, times]) => `${name} ${times}`).join(", ")}`,
    `proxy to DynamoDB: ${JSON.stringify(proxies.dynamodb)}`,
    ...(proxies.redis ? [`proxy to Redis: ${JSON.stringify(proxies.redis)}`] : []),
    "",
    printVerdict(verdict),
  ].join("\n");
};
