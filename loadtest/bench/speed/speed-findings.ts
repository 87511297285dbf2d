import type { Findings } from "../../experiments/lab.ts";
import { figure, measure, percent, timesText } from "../../experiments/lab-figures.ts";
import { barChart, pointOf } from "../../experiments/plots.ts";
import { median, ratioOfMedians } from "../../report/statistics.ts";
import { CONNECTIONS, type Contestant, type Sample } from "./rounds.ts";

type Samples = ReadonlyMap<string, readonly Sample[]>;

interface Settings {
  readonly rounds: number;
  readonly seconds: number;
}

const NONE = "–";
const MUCH_REFUSED = 0.01;

/** Result of a run: a table, charts, and measures to compare with another run. */
export const findingsOf = (
  contestants: readonly Contestant[],
  samples: Samples,
  settings: Settings,
): Findings => {
  const valuesOf = (name: string, value: (sample: Sample) => number) => (samples.get(name) ?? []).map(value);
  const cpu = (name: string) => valuesOf(name, (sample) => sample.cpu);
  const ratio = (name: string, base: string): number | string =>
    cpu(base).length === 0 ? NONE : Number(ratioOfMedians(cpu(name), cpu(base)).toFixed(2));
  const bars = (value: (sample: Sample) => number) =>
    contestants.map(({ name }) => pointOf(name, valuesOf(name, value)));

  return {
    summary: ["hot", "redis", "cold"].flatMap((name) =>
      cpu(name).length === 0 || cpu("limit").length === 0
        ? []
        : [
            {
              question: `Cost of a product read: ${contestants.find((one) => one.name === name)?.title}?`,
              figure: `${figure(median(cpu(name)))} µs`,
              answer: `CPU time of one request, ${ratio(name, "limit")} times that of the bare server.`,
              detail: `${timesText(cpu(name), cpu("limit"))} the bare server${
                cpu("go").length === 0 ? "" : ` and ${timesText(cpu(name), cpu("go"))} Go`
              }.`,
              chart: "speed.cpu",
            },
          ],
    ),
    verdicts: [],
    warnings: contestants.flatMap(({ name }) => {
      const refused = median(valuesOf(name, (sample) => sample.refused));
      return refused > MUCH_REFUSED
        ? [
            `${name}: ${percent(refused)} refused. A refusal costs less than an answer, so its CPU is shown too low.`,
          ]
        : [];
    }),
    method: methodOf(settings),
    settings: { ...settings, connections: CONNECTIONS },
    measures: contestants.flatMap(({ name, title }) => [
      ...measure(`${name}.cpu`, `${title}: CPU`, "µs", "lower", cpu(name)),
      ...(name === "limit" || cpu("limit").length === 0
        ? []
        : measure(
            `${name}.to-limit`,
            `${title}: CPU to limit`,
            "×",
            "lower",
            perRound(cpu(name), cpu("limit")),
          )),
      ...measure(
        `${name}.rate`,
        `${title}: throughput`,
        "/s",
        "higher",
        valuesOf(name, ({ rate }) => rate),
      ),
      ...measure(
        `${name}.p99`,
        `${title}: p99`,
        "ms",
        "lower",
        valuesOf(name, ({ p99 }) => p99),
      ),
    ]),
    charts: [
      barChart({
        id: "speed.cpu",
        title: "CPU a request",
        caption: "User and system time of the server process; the database and Redis are not in it.",
        x: { label: "Subject" },
        y: { label: "µs a request", scale: "log" },
        series: { CPU: bars((sample) => sample.cpu) },
      }),
      barChart({
        id: "speed.rate",
        title: "Throughput",
        caption: `${CONNECTIONS} connections of wrk, which has one of the machine's processors to share with the server.`,
        x: { label: "Subject" },
        y: { label: "Requests/s", scale: "log" },
        series: { throughput: bars((sample) => sample.rate) },
      }),
    ],
    tables: [
      {
        title: "Cost by kind of request (medians)",
        columns: [
          "subject",
          "requests/s",
          "min–max/s",
          "CPU µs",
          "min–max µs",
          "to limit",
          "to go",
          "p99 ms",
          "refused",
          "failed",
          "db+redis µs",
        ],
        rows: contestants.map(({ name }) => {
          const of = (value: (sample: Sample) => number) => valuesOf(name, value);
          return [
            name,
            Math.round(median(of(({ rate }) => rate))),
            spread(of(({ rate }) => rate)),
            Number(median(cpu(name)).toPrecision(3)),
            spread(cpu(name)),
            ratio(name, "limit"),
            ratio(name, "go"),
            Number(median(of(({ p99 }) => p99)).toPrecision(3)),
            percent(median(of(({ refused }) => refused))),
            of(({ failed }) => failed).reduce((sum, count) => sum + count, 0),
            Number(median(of(({ servicesCpu }) => servicesCpu)).toPrecision(3)),
          ];
        }),
      },
      {
        title: "Subjects",
        columns: ["subject", "is"],
        rows: contestants.map(({ name, title }) => [name, title]),
      },
    ],
    raw: {
      samples: contestants.flatMap(({ name }) =>
        (samples.get(name) ?? []).map((sample, i) => ({ subject: name, round: i + 1, ...sample })),
      ),
    },
  };
};

/** Each round's value to the same round's base: what slows a round down slows both. */
const perRound = (values: readonly number[], bases: readonly number[]): number[] =>
  values.map((value, i) => value / (bases[i] ?? Number.NaN));

const spread = (samples: readonly number[]): string =>
  `${figure(Math.min(...samples))}–${figure(Math.max(...samples))}`;

const methodOf = ({ rounds, seconds }: Settings): string[] => [
  "The shop runs as `npm start >shop.log` runs it, every setting at its default (LOG_LEVEL=INFO, 100,000 products, a Redis and a database of its own).",
  `wrk -t1 -c${CONNECTIONS} on the same machine: the generator shares its processors with the server, the database and Redis. Throughput and latencies contain that; CPU a request hardly does.`,
  `CPU: user and system time of the server process from /proc/PID/stat before and after a stretch of ${seconds} s, divided by the answers.`,
  `The subjects take turns in ${rounds} rounds after one that warms up. Figures are medians of the rounds; ratios hold within this run only.`,
];
