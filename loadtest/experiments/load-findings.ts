import { cpus } from "node:os";
import { kneeOf } from "../report/knee.ts";
import type { Chart } from "../report/result.ts";
import { fitScalability, type LoadPoint, type ScalabilityFit } from "../report/scalability.ts";
import { lineChart, pointOf, rounded } from "./charts.ts";
import { commonWarnings, figure, measure, medianOf, noFindings, percent, timesText } from "./findings.ts";
import type { Findings, Lab } from "./lab.ts";
import { type LoadObservations, THINK } from "./load.ts";
import { bottleneckOf, type StepRow, stepRowOf } from "./load-steps.ts";

/** What was seen of so many server processes. */
interface Side {
  readonly servers: number;
  readonly name: string;
  readonly rows: readonly StepRow[];
  readonly users: readonly number[];
  readonly points: readonly LoadPoint[];
  readonly knee: LoadPoint | null;
  readonly fit: ScalabilityFit | null;
  /** The greatest throughput of each repeat. */
  readonly peaks: readonly number[];
}

export const concludeLoad = (lab: Lab, observed: LoadObservations): Findings => {
  const { plan, products, steps, verdicts, sampler } = observed;
  const rows = steps.map((step) => stepRowOf(step, sampler?.samples ?? []));
  const isRemote = lab.options.url !== undefined;
  const sides = [1, 2]
    .map((servers) => sideOf(rows, servers, isRemote))
    .filter((side) => side.rows.length > 0);
  const peaks = rows.map(({ generatorPeak }) => generatorPeak);
  return {
    ...noFindings,
    summary: [...sides.map(kneeAnswer), ...scalingAnswer(sides), ...sides.flatMap(lawAnswer)],
    verdicts,
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
          "Good answers",
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
    ],
    raw: { steps: rows },
  };
};

const sideOf = (all: readonly StepRow[], servers: number, isRemote: boolean): Side => {
  const rows = all.filter((row) => row.servers === servers);
  const users = [...new Set(rows.map((row) => row.users))].sort((a, b) => a - b);
  const throughputs = (count: number) =>
    rows.filter((row) => row.users === count).map(({ throughput }) => throughput);
  const points = users.map((load) => ({ load, throughput: medianOf(throughputs(load)) ?? 0 }));
  const repeats = [...Map.groupBy(rows, ({ repeat }) => repeat).values()];
  return {
    servers,
    name: isRemote ? "the shop" : servers === 1 ? "1 process" : `${servers} processes`,
    rows,
    users,
    points,
    knee: kneeOf(points),
    fit: fitScalability(points),
    peaks: repeats.map((own) => Math.max(...own.map(({ throughput }) => throughput))),
  };
};

const kneeAnswer = (side: Side): Findings["summary"][number] => {
  const { name, knee, users, rows, peaks } = side;
  const most = `The most was ${figure(medianOf(peaks))} good answers/s.`;
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

const lawAnswer = ({ name, fit }: Side): Findings["summary"] =>
  fit
    ? [
        {
          question: `How does throughput of ${name} grow with users?`,
          answer:
            `By the Universal Scalability Law, with σ = ${fit.sigma.toExponential(1)} (waiting for something shared) and ` +
            `κ = ${fit.kappa.toExponential(1)} (keeping in step); R² ${fit.r2.toFixed(2)}.`,
          chart: "load.throughput",
        },
      ]
    : [];

const cells = ({ rows }: Side, users: number): string[] => {
  const own = rows.filter((row) => row.users === users);
  const of = (value: (row: StepRow) => number | null): string => figure(medianOf(own.map(value)));
  return [
    of(({ throughput }) => throughput),
    of(({ p50 }) => p50),
    of(({ p95 }) => p95),
    of(({ p99 }) => p99),
    percent(medianOf(own.map(({ success }) => success))),
    of(({ serverCpu }) => serverCpu),
    of(({ engineCpu }) => engineCpu),
    of(({ generatorCpu }) => generatorCpu),
    percent(medianOf(own.map(({ machine }) => machine))),
    of(({ loopDelay }) => loopDelay),
    of(({ memoryMb }) => memoryMb),
  ];
};

const chartsOf = (sides: readonly Side[]): Chart[] => {
  const x = { label: "Users" };
  const series = (value: (row: StepRow) => number | null) =>
    Object.fromEntries(
      sides.map(({ name, users, rows }) => [
        name,
        users.map((count) => pointOf(count, rows.filter((row) => row.users === count).map(value))),
      ]),
    );
  if (sides.length === 0) return [];
  const markers = sides.flatMap(({ name, knee }) => (knee ? [{ x: knee.load, label: `knee, ${name}` }] : []));
  const named = (names: Record<string, (row: StepRow) => number | null>) =>
    Object.fromEntries(
      sides.flatMap(({ name, users, rows }) =>
        Object.entries(names).map(([what, value]) => [
          `${what}, ${name}`,
          users.map((count) => pointOf(count, rows.filter((row) => row.users === count).map(value))),
        ]),
      ),
    );
  return [
    lineChart({
      id: "load.throughput",
      title: "Throughput against users",
      caption: "Good answers a second. Where the line bends, something is used up.",
      x,
      y: { label: "Answers/s" },
      series: series((row) => row.throughput),
      markers,
    }),
    lineChart({
      id: "load.latency",
      title: "Latency against users",
      caption: "p95 of good answers.",
      x,
      y: { label: "p95 (ms)", scale: "log" },
      series: series((row) => row.p95),
      markers,
    }),
    lineChart({
      id: "load.errors",
      title: "Answers that were not good",
      caption: "Refused politely (503 with Retry-After) or failed, of all answers.",
      x,
      y: { label: "Share (%)" },
      series: series(({ success }) => (success === null ? null : rounded(100 * (1 - success)))),
    }),
    lineChart({
      id: "load.cpu",
      title: "Who uses the cores",
      caption: "Cores in use by the server processes together, by the database and by the load generator.",
      x,
      y: { label: "Cores" },
      series: named({
        servers: (row) => row.serverCpu,
        DynamoDB: (row) => row.engineCpu,
        generator: (row) => row.generatorCpu,
      }),
    }),
    lineChart({
      id: "load.loop",
      title: "Event-loop delay",
      caption: "How late the event loop of the slowest server process is; over 100 ms it refuses requests.",
      x,
      y: { label: "Delay (ms)" },
      series: series((row) => row.loopDelay),
    }),
    lineChart({
      id: "load.memory",
      title: "Memory of the server processes",
      caption: "Resident, all processes together.",
      x,
      y: { label: "Memory (MB)" },
      series: series((row) => row.memoryMb),
    }),
  ];
};
