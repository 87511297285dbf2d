import { cpus } from "node:os";
import { ALL_BUT_SILENCE, contentVerdict, troubleTables } from "../answer-counts.ts";
import type { Findings, Lab } from "../lab.ts";
import { noFindings } from "../lab.ts";
import {
  commonWarnings,
  figure,
  measure,
  medianOf,
  percent,
  timesFigure,
  timesText,
} from "../lab-figures.ts";
import { LIMITS } from "./buckling.ts";
import { THINK } from "./climb.ts";
import { lawAnswer, lawTable } from "./law-report.ts";
import { cells, chartsOf } from "./load-charts.ts";
import type { LoadObservations } from "./load-observations.ts";
import { type RepeatFigures, type Side, sideOf } from "./sides.ts";
import { bottleneckOf, limitOf, stepRowOf } from "./steps.ts";

export const concludeLoad = (lab: Lab, observed: LoadObservations): Findings => {
  const { plan, products, steps, loads, verdicts, sampler } = observed;
  const rows = steps.map((step) => stepRowOf(step, sampler?.samples ?? []));
  const isRemote = lab.options.url !== undefined;
  const sides = [1, 2]
    .map((servers) => sideOf(rows, servers, isRemote))
    .filter((side) => side.rows.length > 0);
  const hasLimits = sampler?.samples.some(({ limits }) => limits !== undefined) ?? false;
  const peaks = rows.map(({ generatorPeak }) => generatorPeak);
  return {
    ...noFindings,
    summary: [
      ...sides.map((side) => kneeAnswer(side, hasLimits)),
      ...scalingAnswer(sides),
      ...lawAnswer(sides),
    ],
    verdicts: [...verdicts, ...contentVerdict(loads, ALL_BUT_SILENCE)],
    warnings: [
      ...commonWarnings(plan.repeat, peaks),
      ...(isRemote
        ? [
            "Somebody's running shop: CPU and memory of its processes are not seen from here, nor can what it stored be judged.",
          ]
        : [
            `The generator, the server processes, the database and Redis share this machine's ${cpus().length} cores: ` +
              "a second server process gets only what the others leave, so the speed-up is a lower bound.",
          ]),
    ],
    method: [
      "A mix of customers (70 % look around, 25 % shop, 5 % buy one product) whose pauses between actions make about a request " +
        "a second and user; closed load: a slow answer delays its user's next request.",
      `Users come in steps, ${plan.repeat} times for each number of server processes, in random order, after a load for warming up; ` +
        `${plan.duration} s of each step count, after a pause for settling.`,
      `It goes on to ${plan.users.toLocaleString("en")} users, or until the shop buckles: over ${percent(LIMITS.lost)} of the answers are ` +
        `refused or fail, p95 is over ${LIMITS.p95 / 1_000} s, or throughput is ${percent(LIMITS.fall)} below its best.`,
      "The knee is where more users stop bringing more answers (Kneedle); the scalability law is fitted to the medians of six steps " +
        "or more.",
    ],
    settings: {
      users: plan.users,
      "seconds a step": plan.duration,
      repeats: plan.repeat,
      "think scale": THINK,
      products,
    },
    measures: sides.flatMap(measuresOf),
    charts: chartsOf(sides),
    tables: [
      {
        title: "Medians by step",
        columns: [
          "Processes",
          "Users",
          "Answers/s",
          "p50 (ms)",
          "p95 (ms)",
          "p99 (ms)",
          "Refused",
          "Failed",
          "Server CPU (cores)",
          "DynamoDB CPU",
          "Generator CPU",
          "Machine",
          "Loop delay (ms)",
          "Server memory (MB)",
        ],
        rows: sides.flatMap((side) =>
          side.users.map((users) => [side.servers, users, ...cells(side, users)]),
        ),
      },
      ...lawTable(sides),
      ...troubleTables(loads),
    ],
    raw: { steps: rows },
  };
};

const measuresOf = (side: Side): Findings["measures"] => {
  const { name, servers, rows, users, repeats } = side;
  const atUsers = (
    id: string,
    what: string,
    unit: string,
    better: "higher" | "lower",
    key: "p95" | "success",
  ) =>
    users.flatMap((count) =>
      measure(
        `load.${servers}.${count}.${id}`,
        `${name}, ${count} users: ${what}`,
        unit,
        better,
        rows.filter((row) => row.users === count).map((row) => row[key]),
      ),
    );
  const ofRepeat = (
    id: string,
    what: string,
    unit: string,
    value: (repeat: RepeatFigures) => number | null,
  ) => measure(`load.${servers}.${id}`, `${name}: ${what}`, unit, "higher", repeats.map(value));
  return [
    ...ofRepeat("peak", "greatest throughput", "answers/s", ({ peak }) => peak),
    ...ofRepeat("knee", "knee", "users", ({ knee }) => knee),
    ...ofRepeat("buckles", "buckles at", "users", ({ buckled }) => buckled?.users ?? null),
    ...atUsers("p95", "p95", "ms", "lower", "p95"),
    ...atUsers("good", "good answers", "share", "higher", "success"),
  ];
};

const kneeAnswer = (side: Side, hasLimits: boolean): Findings["summary"][number] => {
  const { name, knee, users, rows, repeats } = side;
  const buckled = repeats.flatMap((repeat) => repeat.buckled ?? []);
  const end = users.find((count) => count > (knee?.load ?? Number.POSITIVE_INFINITY)) ?? users.at(-1);
  const atEnd = rows.filter((row) => row.users === end);
  const bound = bottleneckOf(atEnd);
  const limit = hasLimits ? `; ${limitOf(atEnd)}` : "";
  const first = buckled[0];
  const parts = [
    ...(knee
      ? [
          `More users bring no more from about ${figure(knee.load)} users and ${figure(knee.throughput)} good answers/s on.`,
        ]
      : []),
    ...(first
      ? [
          `It buckles at ${spread(buckled.map((one) => one.users))} users${ofRepeats(buckled.length, repeats.length)}: ${first.why}.`,
        ]
      : []),
    ...(knee || first ? [] : [`No knee up to ${figure(users.at(-1))} users.`]),
    `With ${figure(end)} users: ${bound}${limit}.`,
  ];
  return {
    question: `Where does ${name === "the shop" ? name : `a shop of ${name}`} buckle?`,
    figure: `${figure(medianOf(repeats.map(({ peak }) => peak)))}/s`,
    answer: `Good answers at its best; ${
      first
        ? `it buckles at ${spread(buckled.map((one) => one.users))} users`
        : knee
          ? `from about ${figure(knee.load)} users on, more bring no more`
          : `no knee up to ${figure(users.at(-1))} users`
    }.`,
    detail: parts.join(" "),
    chart: "load.throughput",
  };
};

const spread = (values: readonly number[]): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? figure(least) : `${figure(least)} to ${figure(most)}`;
};

const ofRepeats = (count: number, repeats: number): string =>
  count === repeats ? "" : ` in ${count} of ${repeats} repeats`;

const scalingAnswer = (sides: readonly Side[]): Findings["summary"] => {
  const [one, two] = sides.map(({ repeats }) => repeats.map(({ peak }) => peak));
  if (!one || !two) return [];
  return [
    {
      question: "How much do two processes do?",
      figure: timesFigure(two, one),
      answer: "The work of one, each at its best; twice would be linear.",
      detail: `Two processes do ${timesText(two, one)} the work of one.`,
      chart: "load.throughput",
    },
  ];
};
