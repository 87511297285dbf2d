import { cpus } from "node:os";
import { ALL_BUT_SILENCE, contentVerdict, troubleTables } from "../answers.ts";
import { commonWarnings, figure, measure, medianOf, noFindings, percent, timesText } from "../figures.ts";
import type { Findings, Lab } from "../lab.ts";
import { cells, chartsOf } from "./charts.ts";
import { type LoadObservations, THINK } from "./experiment.ts";
import { type Side, sideOf } from "./sides.ts";
import { bottleneckOf, stepRowOf } from "./steps.ts";

/** Share of good answers below which the shop does not bear it any more. */
const BUCKLED = 0.95;

export const concludeLoad = (lab: Lab, observed: LoadObservations): Findings => {
  const { plan, products, steps, verdicts, sampler } = observed;
  const rows = steps.map((step) => stepRowOf(step, sampler?.samples ?? []));
  const isRemote = lab.options.url !== undefined;
  const sides = [1, 2]
    .map((servers) => sideOf(rows, servers, isRemote))
    .filter((side) => side.rows.length > 0);
  const loads = steps.map(({ load }) => load);
  const peaks = rows.map(({ generatorPeak }) => generatorPeak);
  return {
    ...noFindings,
    summary: [...sides.map(kneeAnswer), ...scalingAnswer(sides), ...lawAnswer(sides)],
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
      `Users come in steps, ${plan.repeat} times for each number of server processes, in turns; ${plan.duration} s of each step count, ` +
        "after a pause for settling.",
      "The knee is where more users stop bringing more answers (Kneedle); the scalability law is fitted to the medians of the steps.",
    ],
    settings: {
      users: plan.users,
      "seconds a step": plan.duration,
      repeats: plan.repeat,
      "think scale": THINK,
      products,
    },
    measures: sides.flatMap((side) => [
      ...measure(
        `load.${side.servers}.peak`,
        `${side.name}: greatest throughput`,
        "answers/s",
        "higher",
        side.peaks,
      ),
      ...side.users.flatMap((users) =>
        measure(
          `load.${side.servers}.${users}.p95`,
          `${side.name}, ${users} users: p95`,
          "ms",
          "lower",
          side.rows.filter((row) => row.users === users).map(({ p95 }) => p95),
        ),
      ),
    ]),
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
      {
        title: "The Universal Scalability Law, X(N) = λN / (1 + σ(N − 1) + κN(N − 1)), N in users",
        columns: [
          "Processes",
          "λ (answers/s a user)",
          "σ (contention)",
          "κ (coherency)",
          "R²",
          "Users at its peak",
        ],
        rows: sides.flatMap(({ servers, fit }) =>
          fit
            ? [
                [
                  servers,
                  figure(fit.lambda),
                  fit.sigma.toExponential(1),
                  fit.kappa.toExponential(1),
                  fit.r2.toFixed(3),
                  fit.peakLoad === null ? "none" : figure(fit.peakLoad),
                ],
              ]
            : [],
        ),
      },
      ...troubleTables(loads),
    ],
    raw: { steps: rows },
  };
};

const kneeAnswer = (side: Side): Findings["summary"][number] => {
  const { name, knee, users, rows, peaks } = side;
  const most = `The most was ${figure(medianOf(peaks))} good answers/s.${refusals(side)}`;
  const question = `Where does ${name === "the shop" ? name : `a shop of ${name}`} buckle?`;
  if (!knee) {
    const bound = bottleneckOf(rows.filter((row) => row.users === users.at(-1)));
    return {
      question,
      answer: `No knee up to ${figure(users.at(-1))} users. ${most} There: ${bound}.`,
      chart: "load.throughput",
    };
  }
  const beyond = users.find((count) => count > knee.load) ?? knee.load;
  const bound = bottleneckOf(rows.filter((row) => row.users === beyond));
  return {
    question,
    answer: `At about ${figure(knee.load)} users, ${figure(knee.throughput)} good answers/s. Beyond it: ${bound}. ${most}`,
    chart: "load.throughput",
  };
};

const scalingAnswer = (sides: readonly Side[]): Findings["summary"] => {
  const [one, two] = sides;
  if (!one || !two) return [];
  return [
    {
      question: "How much do two processes do?",
      answer: `${timesText(two.peaks, one.peaks)} what one does, at its best; twice would be linear.`,
      chart: "load.throughput",
    },
  ];
};

const lawAnswer = (sides: readonly Side[]): Findings["summary"] => {
  const fitted = sides.flatMap(({ name, fit }) =>
    fit ? [`σ = ${fit.sigma.toExponential(1)} and κ = ${fit.kappa.toExponential(1)} for ${name}`] : [],
  );
  if (fitted.length === 0) return [];
  return [
    {
      question: "How does throughput grow with users?",
      answer: `By the Universal Scalability Law, with ${fitted.join(", ")}: σ is waiting for something shared, κ keeping in step.`,
      chart: "load.throughput",
    },
  ];
};

/** Where shedding load begins to show. */
const refusals = ({ users, rows }: Side): string => {
  const good = (count: number): number =>
    medianOf(rows.filter((row) => row.users === count).map(({ success }) => success)) ?? 1;
  const first = users.find((count) => good(count) < BUCKLED);
  if (first === undefined) return "";
  return ` From ${figure(first)} users on answers are refused or fail: ${percent(1 - good(first))} there.`;
};
