import { cpus } from "node:os";
import { figure, medianOf, percent } from "../lab-figures.ts";
import { limitMet } from "../limit-counts.ts";
import { rounded } from "../plots.ts";
import type { Sample } from "../sampler.ts";
import {
  between,
  generatorPeak,
  latencyOf,
  shareOf,
  successOf,
  throughputOf,
  totalsOf,
} from "../timeline.ts";
import type { Step } from "./load-observations.ts";

export type StepRow = ReturnType<typeof stepRowOf>;

/** Answers in a step. */
export const answersOf = ({ users, load, stretch }: Step) => {
  const totals = totalsOf(between(load.seconds, stretch.from, stretch.to));
  return {
    users,
    answers: totals.ok,
    throughput: rounded(throughputOf(totals)),
    p50: latencyOf(totals, 0.5),
    p95: latencyOf(totals, 0.95),
    p99: latencyOf(totals, 0.99),
    success: successOf(totals),
    refused: shareOf(totals, "refused"),
    failed: shareOf(totals, "failed"),
  };
};

/** A step in figures: means over its seconds, CPU in cores. */
export const stepRowOf = (step: Step, samples: readonly Sample[]) => {
  const { servers, repeat, load, stretch } = step;
  const seconds = between(load.seconds, stretch.from, stretch.to);
  // A process that stands by has memory of its own, and no users.
  const inUse = Array.from({ length: servers }, (_, i) => `server ${i + 1}`);
  const seen = samples.filter(({ time }) => time > stretch.from && time <= stretch.to + 0.1);
  /** Means of sums over those of the processes that are seen; null where none is. */
  const sumOf = (values: "cpu" | "memoryMb", names: readonly string[]): number | null =>
    mean(
      seen.flatMap((sample) => {
        const own = names.flatMap((name) => sample[values][name] ?? []);
        return own.length > 0 ? [own.reduce((sum, value) => sum + value, 0)] : [];
      }),
    );
  return {
    servers,
    repeat,
    ...answersOf(step),
    serverCpu: sumOf("cpu", inUse),
    busiestServer: mean(seen.map(({ cpu }) => Math.max(0, ...inUse.map((name) => cpu[name] ?? 0)))),
    engineCpu: sumOf("cpu", ["DynamoDB"]),
    redisCpu: sumOf("cpu", ["Redis"]),
    generatorCpu: mean(seconds.map((second) => second.generator_cpu)),
    generatorPeak: generatorPeak(seconds),
    /** That of the generator. */
    machine: mean(seen.flatMap(({ machine }) => machine ?? [])),
    loopDelay: mean(seen.flatMap(({ loopDelay }) => loopDelay ?? [])),
    memoryMb: sumOf("memoryMb", inUse),
    ...limitColumns(seen),
  };
};

/** DynamoDB's limit that a step met most, with its refusals a second and the units a second that it let through. */
const limitColumns = (seen: readonly Sample[]) => {
  const counted = seen.filter(({ limits }) => limits !== undefined);
  const [first, last] = [counted[0], counted.at(-1)];
  const met = first?.limits && last?.limits && limitMet(first.limits, last.limits);
  const seconds = Math.max(1, (last?.time ?? 0) - (first?.time ?? 0));
  return {
    limit: met?.name ?? null,
    limitRefusals: met ? rounded(met.refused / seconds) : null,
    limitUnits: met ? rounded(met.units / seconds) : null,
  };
};

const SATURATED = 0.85;

/** DynamoDB's limit that most of these rows met, in words. */
export const limitOf = (rows: readonly StepRow[]): string => {
  const met = Map.groupBy(
    rows.filter(({ limit }) => limit !== null),
    ({ limit }) => limit,
  );
  const [most] = [...met].sort(([, a], [, b]) => refusalsOf(b) - refusalsOf(a));
  if (!most) return "no limit of DynamoDB's was met";
  const [name, own] = most;
  const of = (value: (row: StepRow) => number | null): string => figure(medianOf(own.map(value)));
  return (
    `of DynamoDB's limits it met the ${name}, which took ${of((row) => row.limitUnits)} a second ` +
    `and refused ${of((row) => row.limitRefusals)} calls a second`
  );
};

const refusalsOf = (rows: readonly StepRow[]): number =>
  rows.reduce((sum, { limitRefusals }) => sum + (limitRefusals ?? 0), 0);

/** Which resource is used up in these rows, in words, with how much of each is used. */
export const bottleneckOf = (rows: readonly StepRow[]): string => {
  const of = (value: (row: StepRow) => number | null): number => medianOf(rows.map(value)) ?? 0;
  const cores = cpus().length;
  const candidates = [
    { name: "the load generator, on the one core it can use", share: of((row) => row.generatorCpu) },
    {
      name: "a server process's JavaScript thread, on the one core it can use",
      share: of((row) => row.busiestServer),
    },
    { name: `the machine's ${cores} cores, which all share`, share: of((row) => row.machine) },
    { name: "the database's core", share: of((row) => row.engineCpu) },
  ].sort((a, b) => b.share - a.share);
  const used =
    `servers ${figure(of((row) => row.serverCpu))} cores, DynamoDB ${figure(of((row) => row.engineCpu))}, ` +
    `generator ${figure(of((row) => row.generatorCpu))}, machine ${percent(of((row) => row.machine))}, ` +
    `event loop late by ${figure(of((row) => row.loopDelay))} ms`;
  const [most] = candidates;
  if (!most || rows.every(({ serverCpu }) => serverCpu === null)) {
    return `the saturated resource there is not seen from here (load generator: ${percent(of((row) => row.generatorCpu))} of a core)`;
  }
  const what =
    most.share > SATURATED ? `used up is ${most.name}` : "no core is used up: it waits for something";
  return `${what} (${used})`;
};

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
